"""goals/"""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from core.filters import FlagField
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

    def readable(self) -> Any:
        return Goal.objects.visible_to(self.viewer).with_cards()

    def perform_destroy(self, instance: Goal) -> None:  # type: ignore[override]  # the model of this viewset
        instance.remove(cascade=read_parameter(self.request, "cascade", FlagField()) is True)

    @extend_schema(parameters=[OpenApiParameter("cascade", bool, description="Delete what it holds too.")])
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a goal: an empty one, or with cascade=true all that it holds; else 409 with the counts."""
        self.viewer.lock()  # before the goal itself: who adds a todo holds its owner and then the goal
        return super().destroy(request, *args, **kwargs)

    @extend_schema(request=GoalOrderSerializer, responses=GoalSerializer(many=True), filters=False)
    @action(detail=False, methods=["put"], pagination_class=None)
    def order(self, request: Request) -> Response:
        """Put goals into an order: they take, in the order given, the places they hold now; answers all of mine."""
        body = GoalOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        Goal.objects.reorder(self.viewer, body.validated_data["ids"])
        goals = self.readable().of(self.viewer).in_order()
        return Response(self.get_serializer(goals, many=True).data)
