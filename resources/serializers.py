"""Serializers of rows that belong to one person, and the field for their viewers."""

from collections.abc import Collection, Iterable
from functools import cache
from operator import itemgetter
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.cards import CardSerializer
from accounts.models import Follow
from accounts.visibility import viewer_entries
from core.fields import UUID_PATTERN, IdField, ListField, NewIdField
from core.problems import LimitReached
from core.serializers import ModelSerializer
from fastlists import CompiledFunction

M = TypeVar("M", bound=models.Model)
VIEWERS = 200
# Of all goals of a person, which a day shows at once. A goal with few is always accepted.
VIEWERS_IN_ALL = 5_000
FEW_VIEWERS = 25
# Entries that are read at once, so that a long page takes little memory.
ENTRIES = 5_000


@extend_schema_field(
    {
        "type": "array",
        "maxItems": VIEWERS,
        "items": {"$ref": "#/components/schemas/Person"},
        "description": "Accepted followers of the caller.",
    }
)
class ViewersField(serializers.Field):
    """The accepted followers who can see a row with the visibility `selected`, as their follows.

    Whoever does not follow is left out, of a new row too: a device that was offline does not know
    who has stopped following since, and what was written there must not be lost for it. Nothing is
    told about these people, nor whether there are any with such ids.
    """

    default_error_messages = {
        "not_a_list": _("This must be a list of ids."),
    }
    null_is_left_out: ClassVar[bool] = True
    # The schema of the field in requests. It does not say that cards are taken as well, so that
    # rows can be sent back as they were read: generators have no good type for either of two.
    request_schema: ClassVar[dict[str, Any]] = {
        "type": "array",
        "maxItems": VIEWERS,
        "items": {"type": "string", "format": "uuid", "pattern": UUID_PATTERN},
        "description": "The ids of accepted followers of the caller. People who do not follow are "
        "left out.",
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
        return [follows[pk] for pk in dict.fromkeys(ids) if pk in follows]

    def get_attribute(self, instance: models.Model) -> list[dict[str, Any]]:
        return self.of_rows(type(instance), [instance.pk])[instance.pk]

    def to_representation(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return value

    @staticmethod
    def of_rows(model: type[models.Model], keys: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        """Return the cards of the viewers of each of these rows, by handle."""
        cards: dict[UUID, list[dict[str, Any]]] = {key: [] for key in keys}
        people: dict[UUID, dict[str, Any]] = {}  # one card for all rows that a person may see
        entries = viewers_of(model)(keys)
        parts: Iterable[list[UUID]] = [keys]
        if is_cut := len(entries) > ENTRIES:
            step = ENTRIES // VIEWERS
            parts = (keys[at : at + step] for at in range(0, len(keys), step))
        for part in parts:
            for key, uuid, *names in viewers_of(model)(part) if is_cut else entries:
                if (card := people.get(uuid)) is None:
                    card = people[uuid] = CardSerializer.from_columns(uuid, *names)
                cards[key].append(card)
        for shown in cards.values():
            shown.sort(key=itemgetter("handle"))
        return cards


@cache
def viewers_of(model: type[models.Model]) -> CompiledFunction[Any, Any]:
    """Return a compiled query for the viewers of rows: (key of the row, uuid, handle, nickname).

    It returns at most ENTRIES + 1 of them.
    """
    entries = viewer_entries(model)
    row = f"{model._meta.model_name}_id"
    columns = [f"follow__follower__{column}" for column in CardSerializer.columns]
    return CompiledFunction(
        entries,
        lambda keys: entries.objects.filter(
            **{f"{row}__in": keys}, follow__follower__profile__deleted_at__isnull=True
        ).values_list(row, *columns)[: ENTRIES + 1],
    )


def set_viewers(row: Any, follows: list[Follow] | None, in_all: int | None = None) -> None:
    """Replace the viewers of `row`, a goal or a diary; None leaves them as they are.

    A change updates `updated_at`, by which other devices notice it. `in_all` is the number that
    all rows of the owner may have together; raise Problem `limit` if they would have more.
    """
    if follows is None:
        return
    keys = set(row.viewers.values_list("pk", flat=True))
    if keys == {follow.pk for follow in follows}:
        return
    if in_all is not None:
        require_room_for_viewers(row, len(follows), in_all)
    row.viewers.set(follows)
    row.save(update_fields=["updated_at"])


def require_room_for_viewers(row: Any, number: int, in_all: int) -> None:
    """Raise Problem `limit` if with so many viewers of `row` its owner's rows had too many.

    Few viewers are always accepted, without a query.
    """
    if number <= FEW_VIEWERS:
        return
    name = row._meta.model_name
    others = viewer_entries(type(row)).objects.filter(**{f"{name}__owner": row.owner_id})
    if others.exclude(**{name: row})[:in_all].count() + number > in_all:
        raise LimitReached(in_all)


class OwnedSerializer(ModelSerializer[M]):
    """The base of serializers of rows with an owner."""

    id = NewIdField(
        required=False, help_text="A UUIDv7 from the client. The server creates one if omitted."
    )

    class Meta:
        private_fields: ClassVar[Collection[str]] = ()
