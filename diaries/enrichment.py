"""Fields that higher apps fill in on diaries in lists of posts and on a single one: its cheers.

Such an app puts an Enrichment into `enrichments` when it is ready. Its field is null in all other
answers: lists of diaries and days are read so often that they have no query more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.models import User

Row = dict[str, Any]


class EnrichedList(serializers.ListSerializer[Any]):
    """The base of fields of enrichments that are lists: null until `enrich` fills them in."""

    def get_attribute(self, instance: Any) -> None:
        return self.from_columns()

    columns = ()

    @staticmethod
    def from_columns() -> None:
        return None


@dataclass(frozen=True)
class Enrichment:
    """One field of diaries that a higher app fills in."""

    # Makes the serializer's field, which shows null.
    field: Callable[[], serializers.BaseSerializer[Any]]
    # Returns the values by the diaries' ids, in one query. The viewer, None for a reader without an
    # account, can see these diaries.
    read: Callable[[User | None, list[UUID]], Mapping[UUID, Any]]
    # The value of a diary that `read` leaves out.
    empty: Callable[[], Any] = list


# By the name of the field.
enrichments: dict[str, Enrichment] = {}


def enrich(viewer: User | None, rows: Sequence[Row]) -> None:
    """Fill the fields of all enrichments in on diaries as they are shown, one query for each."""
    if not rows:
        return
    ids = [UUID(row["id"]) for row in rows]
    for name, enrichment in enrichments.items():
        values = enrichment.read(viewer, ids)
        for pk, row in zip(ids, rows, strict=True):
            row[name] = values[pk] if pk in values else enrichment.empty()
