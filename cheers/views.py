"""Views of cheers."""

from functools import cache
from typing import ClassVar
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
from core.problems import Problem
from core.responses import Response
from core.views import GenericViewSet
from diaries.models import Diary
from fastlists import CompiledFunction, FastListMixin
from todos.models import Todo


class CheerViewSet(FastListMixin, ViewerMixin, GenericViewSet):
    """Cheers that the caller gave.

    With `received=true`, those on the caller's todos and diaries instead. With `todo` or `diary`,
    all cheers on that item that the caller can see.
    """

    queryset = Cheer.objects.none()
    serializer_class = CheerSerializer
    filterset_class = CheerFilterSet
    ordering = ("-created_at", "-id")
    singular, plural = "cheer", "cheers"

    def get_queryset(self) -> CheerQuerySet:
        return Cheer.objects.visible_to(self.viewer).with_cards().with_targets()

    @classmethod
    def list_query(cls, viewer: User, **parameters: object) -> QuerySet[Cheer]:
        cheers = Cheer.objects.visible_to(viewer).with_cards().with_targets()
        return CheerFilterSet.apply(cheers, viewer, parameters)

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
