"""Erase the accounts and goals that requests have marked as deleted.

Each batch is a short transaction. What an interrupted run has left is erased by the next one.
"""

from collections.abc import Callable

from accounts.models import User
from core.erasing import erase
from goals.models import Goal

STEP = 10_000  # rows, after which the progress is told

Say = Callable[[str], None]


def waiting() -> str:
    """Return how much is marked, in words; an empty string if nothing is."""
    accounts, goals = User.objects.deleted().count(), Goal.objects.deleted().count()
    return f"{accounts} accounts and {goals} goals wait to be erased" if accounts or goals else ""


def erase_marked(say: Say) -> None:
    """Erase everything that is marked, and tell the progress."""
    for goal in Goal.objects.deleted().select_related("owner"):
        progress = Progress(f"goal {goal.pk}", say)
        goal.erase(progress.add)
        progress.end()
    for account in User.objects.deleted():
        progress = Progress(f"account {account.uuid}", say)
        erase(User.objects.filter(pk=account.pk), tell=progress.add)
        progress.end()


class Progress:
    """Count the rows that are erased with one goal or account."""

    def __init__(self, what: str, say: Say) -> None:
        self.what = what
        self.say = say
        self.rows = 0

    def add(self, rows: int) -> None:
        """Count a batch."""
        before = self.rows
        self.rows += rows
        if before // STEP < self.rows // STEP:
            self.say(f"{self.what}: {self.rows} rows so far")

    def end(self) -> None:
        """Tell the number of all rows."""
        self.say(f"{self.what} erased: {self.rows} rows")
