"""Counts on profiles of the rows of higher apps, such as a person's posts.

Such an app puts a function into `counts` when it is ready.
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True)
class Count:
    """A number on profiles."""

    # Returns the number of the person's rows that the viewer can see: (viewer, person).
    read: Callable[[User, User], int]
    help_text: str


# By the name of the field.
counts: dict[str, Count] = {}


def add_counts(viewer: User, person: User) -> None:
    """Set the counts on the person, one query for each."""
    for name, count in counts.items():
        setattr(person, name, count.read(viewer, person))
