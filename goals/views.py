"""Views of goals."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from core.filters import FlagParameter
from core.responses import Response
from core.views import read_parameter
from goals.filters import GoalFilterSet
from goals.models import Goal
from goals.serializers import GoalOrderSerializer, GoalSerializer
from resources.viewsets import OwnedViewSet


class GoalViewSet(OwnedViewSet):
    """Goals: the coloured groups that todos belong to."""

    model = Goal
    queryset = Goal.objects.none()
    serializer_class = GoalSerializer
    filterset_class = GoalFilterSet
    ordering = ("position", "id")
    parameters = {"destroy": ("cascade",)}
    singular, plural = "goal", "goals"

    def perform_destroy(self, instance: Goal) -> None:  # type: ignore[override]  # of this model
        cascade = read_parameter(self.request, "cascade", FlagParameter())
        instance.remove(cascade=cascade is True)

    @extend_schema(
        parameters=[
            OpenApiParameter("cascade", bool, description="Also delete its todos and quick inputs.")
        ]
    )
    def destroy(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Delete a goal.

        A goal with todos or quick inputs is only deleted with cascade=true, which deletes them too.
        Without it the answer is 409 `goal_not_empty` with their counts.
        """
        self.viewer.lock()  # before the goal, in the same order as requests that add a todo
        return super().destroy(request, *args, **kwargs)

    @extend_schema(request=GoalOrderSerializer, responses=GoalSerializer(many=True), filters=False)
    @action(detail=False, methods=["put"], pagination_class=None)
    def order(self, request: Request) -> Response:
        """Reorder goals and return all goals of the caller.

        The given goals take the positions that they hold now, in the given order.
        """
        Goal.objects.reorder(self.viewer, self.read_body(GoalOrderSerializer)["ids"])
        goals = self.get_queryset().of(self.viewer).in_order()
        return Response(self.get_serializer(goals, many=True).data)
