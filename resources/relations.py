"""Serializer fields that refer to another resource: `goal = OwnField(Goal)`."""

from functools import cache
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from core.fields import IdField
from fastlists import CompiledFunction
from resources.models import Owned, Tombstone

_ID = IdField()


class OwnField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row of `model` that belongs to the caller; other people's do not exist."""

    default_error_messages = {"does_not_exist": _("You have no {model} with this id.")}

    def __init__(self, model: type[Owned], **kwargs: Any) -> None:
        self.model = model
        super().__init__(**{"pk_field": IdField()} | kwargs)

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return no rows: this only tells DRF and the schema which model the id belongs to."""
        return self.model._default_manager.none()

    def to_internal_value(self, data: object) -> Owned:
        pk = _ID.to_internal_value(data)
        owner = self.context["request"].user
        row: Owned | None = own_row(self.model).first(owner, pk)
        if row is None:
            if self.is_update and Tombstone.objects.known_to(owner, self.model.kind, pk).exists():
                # Another device has deleted it since this one read the row: the row stays where
                # it is, and what else is changed must not be lost.
                raise serializers.SkipField
            self.fail("does_not_exist", model=self.model._meta.verbose_name)
        return row

    @property
    def is_update(self) -> bool:
        return getattr(self.parent, "instance", None) is not None


@cache
def own_row(model: type[Owned]) -> CompiledFunction[[User, UUID], Owned]:
    """Return a compiled query for a row of the owner by its id."""
    rows: Any = model._default_manager
    return CompiledFunction(model, lambda owner, pk: rows.of(owner).filter(pk=pk))
