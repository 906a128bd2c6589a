"""The base of viewsets over rows that belong to one person."""

from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import mixins, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from accounts.credentials.views import SignedInMixin
from core.fields import NewIdField
from core.lists import ListModelMixin
from core.problems import Problem
from core.ready import Ready
from core.responses import Response
from core.views import GenericViewSet
from resources.ids import find_mine
from resources.models import Owned, Tombstone


@cache
def my_row_locked(model: type[Owned]) -> Ready[Any, Any]:
    """What finds the row of this owner and id, to change it."""
    rows: Any = model._default_manager
    return Ready(model, lambda owner, pk: rows.of(owner).filter(pk=pk).select_for_update())


class OwnedViewSet(
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    ListModelMixin,
    SignedInMixin,
    GenericViewSet,
):
    """CRUD with ids of the client's making, each write the same the second time; PATCH, never PUT.

    A subclass names `model`; its `get_queryset` returns the rows that the viewer may see, joined with
    all that an answer shows.
    """

    model: ClassVar[Any]  # a subclass of Owned

    def get_queryset(self) -> Any:
        return self.model.objects.of(self.viewer)

    def filter_queryset(self, queryset: Any) -> Any:
        """Filters are for lists; above all, a row is not mine by default when its id is named."""
        return queryset if self.detail else super().filter_queryset(queryset)

    # Writing

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create an item.

        If the caller already has an item with this id, it is returned unchanged with status 200.
        """
        made = self.made_before()
        if made is not None:
            return made
        try:
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            self.perform_create(serializer)
            return Response(serializer.data, status=status.HTTP_201_CREATED)
        except Problem:
            # When the same create comes twice at once, what stands in the way of the one may be the other's row.
            made = self.made_before()
            if made is None:
                raise
            return made

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
            return NewIdField().run_validation(body.get("id")) if isinstance(body, dict) else None
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
