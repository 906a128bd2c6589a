"""The base of viewsets over rows that belong to one person."""

from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import mixins, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from accounts.credentials.views import SignedInMixin
from accounts.models import User
from core.fields import NewIdField
from core.filters import FilterSet
from core.ids import IdCheck
from core.problems import Problem
from core.responses import Response
from core.views import GenericViewSet
from fastlists import CompiledFunction, FastListMixin
from resources.ids import find_mine
from resources.models import Owned, Tombstone

_NEW_ID = NewIdField()


@cache
def my_row_locked(model: type[Owned]) -> CompiledFunction[Any, Any]:
    """Return what finds the row of an owner by its id, and locks it."""
    rows: Any = model._default_manager
    return CompiledFunction(
        model, lambda owner, pk: rows.of(owner).filter(pk=pk).select_for_update()
    )


class OwnedViewSet(
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    FastListMixin,
    SignedInMixin,
    GenericViewSet,
):
    """CRUD with ids of the client's making, each write the same the second time; PATCH, never PUT.

    A subclass names `model`, whose QuerySet says in `visible_to` what the viewer can read.
    """

    model: ClassVar[Any]  # a subclass of Owned
    filterset_class: ClassVar[type[FilterSet] | None] = None

    def get_queryset(self) -> Any:
        return self.model.objects.visible_to(self.viewer).with_cards()

    @classmethod
    def list_query(cls, viewer: User, **clean: Any) -> Any:
        rows = cls.model.objects.visible_to(viewer).with_cards()
        return cls.filterset_class.apply(rows, viewer, clean) if cls.filterset_class else rows

    # Writing

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create an item.

        If the caller already has an item with this id, it is returned unchanged with status 200.
        """
        pk = self.client_id()
        if pk is not None:
            # From here on no other device of the owner creates a row with the id, or deletes it.
            self.viewer.lock()
        id_check = IdCheck(pk)
        try:
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            id_check.require_free()
            self.perform_create(serializer)
        except (Problem, ValidationError):
            # If the caller already has the item, it does not matter why another one is refused.
            made = self.made_before()
            if made is None:
                raise
            return made
        return Response(serializer.data, status=status.HTTP_201_CREATED)

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.save(owner=self.viewer)

    def made_before(self) -> Response | None:
        """The row that the id in the body has already become; None when there is none, or no id."""
        pk = self.client_id()
        if pk is None or not find_mine(self.model, self.viewer, pk):
            return None
        row = self.model.objects.of(self.viewer).with_cards().filter(pk=pk).first()
        if row is None:  # deleted by another device since the question before
            raise Problem("deleted")
        return Response(self.get_serializer(row).data)

    def client_id(self) -> UUID | None:
        """The id in the body when there is a good one; a bad one is the serializer's to refuse."""
        body = self.request.data
        try:
            return _NEW_ID.run_validation(body.get("id")) if isinstance(body, dict) else None
        except ValidationError:
            return None

    def get_object(self) -> Any:
        """To read: what the viewer may see, or 404. To write: their own row, locked; 403 for what they only see."""
        if self.request.method in ("GET", "HEAD"):
            return super().get_object()
        pk = self.kwargs["pk"]
        mine = my_row_locked(self.model).first(self.viewer, pk)
        if mine is not None:
            mine.owner = self.viewer
            self.check_object_permissions(self.request, mine)
            return mine
        # Not mine, also when my other device made it since the question before.
        others = self.get_queryset().filter(pk=pk).exclude(owner=self.viewer)
        raise Problem("permission_denied") if others.exists() else NotFound

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the fields that are sent and no others."""
        # There is no `update`: PUT of a whole row would lose the fields that are not sent.
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete the item. Repeating the request has no further effect."""
        try:
            row = self.get_object()
        except NotFound:
            if not Tombstone.objects.known_to(self.viewer, self.model.kind, kwargs["pk"]).exists():
                raise
        else:
            self.perform_destroy(row)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform_destroy(self, instance: Owned) -> None:
        instance.remove()
