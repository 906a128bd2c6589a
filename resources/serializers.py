"""Serializers of rows that belong to one person, and the field for their viewers."""

from collections.abc import Collection
from functools import cache
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.cards import CardSerializer
from accounts.models import Follow
from accounts.visibility import viewer_entries
from core.fields import UUID_PATTERN, IdField, ListField, NewIdField
from core.problems import LimitReached
from core.serializers import ModelSerializer
from fastlists import CompiledFunction

M = TypeVar("M", bound=models.Model)
VIEWERS = 200
ID = {"type": "string", "format": "uuid", "pattern": UUID_PATTERN}


@extend_schema_field(
    {
        "type": "array",
        "maxItems": VIEWERS,
        "items": {"$ref": "#/components/schemas/Card"},
        "description": "Accepted followers of the caller.",
    }
)
class ViewersField(serializers.Field):
    """The accepted followers who can see a row with the visibility `selected`, as their follows.

    People who are given as the cards that were read, or in an update, may have stopped following
    since: they are left out. In a new row, the mere id of somebody who does not follow is an error.
    """

    default_error_messages = {
        "not_a_list": _("This must be a list of ids."),
    }
    # The schema of the field in requests, which accepts ids too.
    request_schema: ClassVar[dict[str, Any]] = {
        "type": "array",
        "maxItems": VIEWERS,
        "items": {
            "oneOf": [ID, {"type": "object", "required": ["id"], "properties": {"id": ID}}],
        },
        "description": "Accepted followers of the caller: their ids, or their cards as returned "
        "by the API. People who no longer follow are left out if they are given as cards, and in "
        "updates.",
    }

    def to_internal_value(self, data: object) -> list[Follow]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > VIEWERS:
            raise LimitReached(VIEWERS)
        items = [item.get("id") if isinstance(item, dict) else item for item in data]
        ids = ListField(child=IdField(), max_length=VIEWERS).run_validation(items)
        selected = Follow.objects.accepted().filter(
            followee=self.context["request"].user,
            follower__uuid__in=ids,
            follower__profile__deleted_at__isnull=True,
        )
        follows = {follow.follower.uuid: follow for follow in selected.with_followers()}
        unknown = ErrorDetail(str(_("This person does not follow you.")), code="does_not_exist")
        if getattr(self.parent, "instance", None) is None and (
            errors := {
                str(index): [unknown]
                for index, pk in enumerate(ids)
                if pk not in follows and not isinstance(data[index], dict)
            }
        ):
            raise serializers.ValidationError(errors)
        return [follows[pk] for pk in dict.fromkeys(ids) if pk in follows]

    def get_attribute(self, instance: models.Model) -> list[dict[str, Any]]:
        return self.of_rows(type(instance), [instance.pk])[instance.pk]

    def to_representation(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return value

    @staticmethod
    def of_rows(model: type[models.Model], keys: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        """Return the cards of the viewers of each of these rows, by handle."""
        cards: dict[UUID, list[dict[str, Any]]] = {key: [] for key in keys}
        for key, *columns in sorted(viewers_of(model)(keys), key=lambda entry: str(entry[2])):
            cards[key].append(CardSerializer.from_columns(*columns))
        return cards


@cache
def viewers_of(model: type[models.Model]) -> CompiledFunction[Any, Any]:
    """Return a compiled query for the viewers of rows: (key of the row, uuid, handle, nickname)."""
    entries = viewer_entries(model)
    row = f"{model._meta.model_name}_id"
    columns = [f"follow__follower__{column}" for column in CardSerializer.columns]
    return CompiledFunction(
        entries,
        lambda keys: entries.objects.filter(
            **{f"{row}__in": keys}, follow__follower__profile__deleted_at__isnull=True
        ).values_list(row, *columns),
    )


def set_viewers(row: Any, follows: list[Follow] | None) -> None:
    """Replace the viewers of `row`, a goal or a diary; None leaves them as they are.

    A change updates `updated_at`, by which other devices notice it.
    """
    if follows is None:
        return
    keys = set(row.viewers.values_list("pk", flat=True))
    if keys == {follow.pk for follow in follows}:
        return
    row.viewers.set(follows)
    row.save(update_fields=["updated_at"])


class OwnedSerializer(ModelSerializer[M]):
    """The base of serializers of rows with an owner."""

    id = NewIdField(
        required=False, help_text="A UUIDv7 from the client. The server creates one if omitted."
    )

    class Meta:
        private_fields: ClassVar[Collection[str]] = ()
