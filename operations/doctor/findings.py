"""The findings of the doctor."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

# For whoever has to correct a URL.
ESCAPES = "In a URL @ : / ? # % are written %40 %3A %2F %3F %23 %25."
SHOWN = 5  # of a long list


def listed(words: Iterable[str]) -> str:
    found = list(words)
    return ", ".join(found[:SHOWN]) + (f" and {len(found) - SHOWN} more" if found[SHOWN:] else "")


@dataclass(frozen=True)
class Finding:
    """A problem: `message` describes it, `hint` says how to solve it, in whole sentences.

    `code` is stable, for scripts and tests. An error keeps the server from working or from being
    safe; a warning does not; a note is solved by the next step of deploy.sh.
    """

    code: str
    message: str
    hint: str
    level: Literal["error", "warning", "note"] = "error"
