"""The result of a check."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Literal

# Part of the hints that ask for a URL to be corrected.
ESCAPES = "In a URL @ : / ? # % are written %40 %3A %2F %3F %23 %25."
SHOWN = 5  # items of a long list


@dataclass(frozen=True)
class Finding:
    """A problem: `message` describes it and `hint` says how to fix it, both in whole sentences.

    `code` is stable, for scripts and tests. An error keeps the server from working or from being
    secure; a warning does not. A note is fixed by the next step of deploy.sh, so it stops nothing.
    """

    code: str
    message: str
    hint: str
    level: Literal["error", "warning", "note"] = "error"


# A generator of findings that returns whether the next stage can run.
type Stage = Generator[Finding, None, bool]


def listed(words: Iterable[str]) -> str:
    """Return the first words, separated by commas, and the number of those left out."""
    found = list(words)
    return ", ".join(found[:SHOWN]) + (f" and {len(found) - SHOWN} more" if found[SHOWN:] else "")
