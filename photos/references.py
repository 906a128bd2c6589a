"""Registry of what has photos: profiles, and rows of higher apps.

Such an app puts a function into `references` when it is ready.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from accounts.models import Profile
from photos.models import Photo

# Each returns those of these photos that a row has which exists.
Named = Callable[[list[UUID]], Iterable[UUID]]


def avatars(photos: list[UUID]) -> Iterable[UUID]:
    keys = dict(Photo.objects.filter(pk__in=photos).values_list("key", "pk"))
    shown = Profile.objects.filter(avatar__in=list(keys)).values_list("avatar", flat=True)
    return [keys[key] for key in shown if key is not None]


# By the kind of the row.
references: dict[str, Named] = {"profile": avatars}


def named(photos: list[UUID]) -> set[UUID]:
    """Return those of these photos that any row has, with a query for each kind of row."""
    return {pk for read in references.values() for pk in read(photos)}
