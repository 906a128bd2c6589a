"""The cheers of diaries in lists of posts."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from cheers.models import Cheer
from cheers.serializers import CheersField
from diaries.enrichment import Enrichment
from fastlists import compiled

# Emojis on the posts of a page, those of most people first.
AT_MOST = 2_000


@compiled(Cheer)
def count_cheers(viewer: User | None, diaries: list[UUID]) -> QuerySet[Cheer, Any]:
    return Cheer.objects.counted(viewer, diaries=diaries)[:AT_MOST]


def cheers_of(viewer: User | None, diaries: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return how many people gave each emoji to each diary, the most frequent emoji first."""
    found: dict[UUID, list[dict[str, Any]]] = {pk: [] for pk in diaries}
    for row in count_cheers(viewer, diaries):
        del row["todo_id"]
        found[row.pop("diary_id")].append(row)
    return found


CHEERS = Enrichment(
    field=lambda: CheersField(
        read_only=True,
        allow_null=True,
        help_text="The emojis that people gave to it, most frequent first; null in lists of"
        " diaries and in days.",
    ),
    read=cheers_of,
)
