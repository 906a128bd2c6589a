"""The base of viewsets of rows that belong to one person."""

from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import mixins, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from accounts.credentials.views import ViewerMixin
from accounts.models import User
from core.fields import IdField, NewIdField
from core.filters import FilterSet
from core.ids import IdCheck
from core.problems import Problem
from core.responses import Response
from core.views import GenericViewSet
from fastlists import CompiledFunction, FastListMixin
from resources.ids import was_created
from resources.models import Owned, Tombstone

_NEW_ID = NewIdField()
_ANY_ID = IdField()


@cache
def lock_own_row(model: type[Owned]) -> CompiledFunction[[User, UUID], Owned]:
    """Return a compiled query that locks a row of the owner by its id."""
    rows: Any = model._default_manager
    return CompiledFunction(
        model, lambda owner, pk: rows.of(owner).filter(pk=pk).select_for_update()
    )


class OwnedViewSet(
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    FastListMixin,
    ViewerMixin,
    GenericViewSet,
):
    """Create, read, update and delete rows with ids from the client. All writes are idempotent.

    A subclass sets `model`. The method `visible_to` of the model's QuerySet selects the rows that
    a viewer can read. Rows are changed by PATCH, never PUT.
    """

    model: ClassVar[Any]  # a subclass of Owned
    filterset_class: ClassVar[type[FilterSet] | None] = None

    @classmethod
    def visible_rows(cls, viewer: User | None) -> Any:
        """Return the rows that the viewer can read, with their owners' cards."""
        return cls.model.objects.visible_to(viewer).with_cards()

    def get_queryset(self) -> Any:
        return self.visible_rows(self.reader)

    @classmethod
    def list_query(cls, viewer: User, **parameters: Any) -> Any:
        rows = cls.visible_rows(viewer)
        return cls.filterset_class.apply(rows, viewer, parameters) if cls.filterset_class else rows

    # Writing

    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Create an item.

        If the caller already has an item with this id, it is returned unchanged with status 200.
        """
        pk = self.id_from_body()
        if pk is not None:
            # No other device of the owner can now create a row with this id, or delete it.
            self.viewer.lock()
        id_check = IdCheck(pk)
        try:
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            id_check.require_free()
            self.perform_create(serializer)
        except (Problem, ValidationError):
            # If the caller already has the item, the reason for this error does not matter.
            existing = self.find_repeated_create()
            if existing is None:
                raise
            return Response(self.get_serializer(existing).data)
        return Response(serializer.data, status=status.HTTP_201_CREATED)

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.save(owner=self.viewer)

    def find_repeated_create(self) -> Owned | None:
        """Return the row with the id in the body, if an earlier request created it.

        Raise Problem `deleted` or `id_taken`.
        """
        # A todo from an offer has an id of version 5, with which nothing can be created.
        pk = self.id_from_body() or self.id_from_body(_ANY_ID)
        if pk is None or (pk.version == 7 and not was_created(self.model, self.viewer, pk)):
            return None
        row: Owned | None = self.model.objects.of(self.viewer).with_cards().filter(pk=pk).first()
        if row is None and pk.version == 7:  # another device deleted it after `was_created`
            raise Problem("deleted")
        return row

    def id_from_body(self, field: IdField = _NEW_ID) -> UUID | None:
        """Return the id in the body, or None if it is missing or invalid for `field`.

        The serializer reports an invalid id.
        """
        body = self.request.data
        try:
            return field.run_validation(body.get("id")) if isinstance(body, dict) else None
        except ValidationError:
            return None

    def get_object(self) -> Any:
        """Return a visible row for reading, or an own row, locked, for writing.

        Raise NotFound, or Problem `permission_denied` if the viewer can see the row but does not
        own it.
        """
        if self.request.method in ("GET", "HEAD"):
            return super().get_object()
        pk = self.kwargs["pk"]
        row: Owned | None = lock_own_row(self.model).first(self.viewer, pk)
        if row is not None:
            row.owner = self.viewer
            self.check_object_permissions(self.request, row)
            return row
        # Own rows are excluded, because another device may have created the row meanwhile.
        others = self.get_queryset().filter(pk=pk).exclude(owner=self.viewer)
        raise Problem("permission_denied") if others.exists() else NotFound

    def partial_update(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Change the fields that are sent and no others."""
        # There is no `update`, because a PUT would reset the fields that are not sent.
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    def destroy(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Delete the item. Repeating the request has no further effect."""
        try:
            row = self.get_object()
        except NotFound:
            if not self.was_deleted(self.kwargs["pk"]):
                raise
        else:
            self.perform_destroy(row)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def was_deleted(self, pk: UUID) -> bool:
        """Return whether the viewer has deleted a row with this id."""
        known = Tombstone.objects.known_to(self.viewer, self.model.kind, pk)
        return known.exists() or bool(self.model.objects.being_erased(self.viewer, [pk]))

    def perform_destroy(self, instance: Owned) -> None:
        instance.remove()
