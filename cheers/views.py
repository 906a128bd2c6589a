"""Views of cheers."""

from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.credentials.views import ViewerMixin
from accounts.models import User
from cheers.filters import CheerFilterSet
from cheers.models import Cheer, CheerQuerySet
from cheers.serializers import CheerSerializer
from core.pagination import nth_after
from core.problems import Problem
from core.responses import Response
from core.views import GenericViewSet
from diaries.models import Diary
from fastlists import CompiledFunction, FastListMixin, compiled
from todos.models import Todo

# Cheers that are looked at for each page: those on what is hidden now are passed over.
CHEERS_AT_ONCE = 1_000
ORDER = ("-created_at", "-id")


@compiled(Cheer)
def end_of_part(
    viewer: User, key: Any, *, backwards: bool, received: bool, after: datetime | None
) -> QuerySet[Cheer, Any]:
    """Select the ordering values of the last of the next CHEERS_AT_ONCE given or received ones."""
    cheers = Cheer.objects.received_by(viewer) if received else Cheer.objects.of(viewer)
    if after is not None:
        cheers = cheers.filter(created_at__gt=after)
    return nth_after(cheers, ORDER, key, CHEERS_AT_ONCE, backwards=backwards)


class CheerViewSet(FastListMixin, ViewerMixin, GenericViewSet):
    """Cheers that the caller gave.

    With `received=true`, those on the caller's todos and diaries instead. With `todo` or `diary`,
    all cheers on that item that the caller can see.
    """

    queryset = Cheer.objects.none()
    serializer_class = CheerSerializer
    filterset_class = CheerFilterSet
    ordering = ORDER
    singular, plural = "cheer", "cheers"

    def get_queryset(self) -> CheerQuerySet:
        return Cheer.objects.visible_to(self.viewer).with_cards().with_targets()

    def get_list_parameters(self) -> dict[str, Any]:
        """Add `is_target_visible`: whether the viewer can see the targets, None without one.

        With a condition on each cheer, the database would read all cheers of a hidden target.
        Without a target, the page ends at the last cheer that is looked at.
        """
        parameters = dict(super().get_list_parameters())
        targets = [
            visible_target(model).first(self.viewer, parameters[model.kind])
            for model in (Todo, Diary)
            if parameters[model.kind] is not None
        ]
        is_visible = None not in targets if targets else None
        if is_visible and parameters["received"]:
            is_visible = all(target.owner_id == self.viewer.pk for target in targets)
        if is_visible is None:
            paginator: Any = self.paginator
            paginator.read_request(self.request, self.ordering, Cheer)
            end = end_of_part.first(
                self.viewer,
                paginator.key,
                backwards=paginator.backwards,
                received=bool(parameters["received"]),
                after=parameters["after"],
            )
            if end is not None:
                paginator.stop_at(end)
        return {**parameters, "is_target_visible": is_visible}

    @classmethod
    def list_query(
        cls, viewer: User, *, is_target_visible: bool | None = None, **parameters: Any
    ) -> QuerySet[Cheer]:
        if is_target_visible is None:
            cheers = Cheer.objects.visible_to(viewer)
        else:
            cheers = Cheer.objects.seen_by(viewer) if is_target_visible else Cheer.objects.none()
        return CheerFilterSet.apply(cheers.with_cards().with_targets(), viewer, parameters)

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Delete a cheer that the caller gave or received.

        Repeating the request has no further effect.
        """
        if not Cheer.objects.may_remove(self.viewer, pk):
            is_visible = self.get_queryset().filter(pk=pk).exists()
            raise Problem("permission_denied") if is_visible else NotFound
        cheer = Cheer.objects.locked(pk)
        if cheer is not None:
            cheer.remove()
        return Response(status=status.HTTP_204_NO_CONTENT)


@cache
def visible_target(model: type[Todo | Diary]) -> CompiledFunction[[User, UUID], Todo | Diary]:
    """Return a compiled query for a target by its id, if the viewer can see it."""
    return CompiledFunction(
        model, lambda viewer, pk: model.objects.visible_to(viewer).filter(pk=pk)
    )


class TargetViewSet(ViewerMixin, GenericViewSet):
    """The caller's cheer on one target, which the caller must be able to see."""

    queryset = Cheer.objects.none()
    serializer_class = CheerSerializer
    plural = "cheers"
    target: ClassVar[type[Todo] | type[Diary]]

    def get_target(self) -> Todo | Diary:
        target: Todo | Diary | None = visible_target(self.target).first(
            self.viewer, self.kwargs["id"]
        )
        if target is None:
            raise NotFound
        return target

    @extend_schema(responses={200: CheerSerializer, 201: CheerSerializer})
    def give(self, request: Request, id: UUID) -> Response:  # noqa: A002  # as in the path
        """Cheer the item (201), or change the emoji of the caller's cheer on it (200)."""
        target = self.get_target()
        emoji = self.read_body(CheerSerializer)["emoji"]
        cheer, created = Cheer.give(self.viewer, target, emoji)
        data = self.get_serializer(cheer).data
        return Response(data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    def withdraw(self, request: Request, id: UUID) -> Response:  # noqa: A002  # as in the path
        """Withdraw the caller's cheer.

        A cheer can be withdrawn even if the caller can no longer see the item. Withdrawing a cheer
        that does not exist has no effect.
        """
        if not Cheer.withdraw(self.viewer, self.target.kind, id):
            self.get_target()
        return Response(status=status.HTTP_204_NO_CONTENT)


class TodoCheerViewSet(TargetViewSet):
    """The caller's cheer on a todo."""

    target = Todo
    operation_ids = {"PUT": "cheer_todo", "DELETE": "withdraw_cheer_from_todo"}


class DiaryCheerViewSet(TargetViewSet):
    """The caller's cheer on a diary."""

    target = Diary
    operation_ids = {"PUT": "cheer_diary", "DELETE": "withdraw_cheer_from_diary"}
