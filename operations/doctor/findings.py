"""What the doctor has to say."""

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
    """One thing that is wrong: `says` what is the case, `do` what mends it, a whole sentence each.

    `code` is stable, for scripts and tests. An error keeps the server from working or being safe; a warning does not;
    a note is mended by what runs next (deploy.sh), and no reason to stop.
    """

    code: str
    message: str
    hint: str
    level: Literal["error", "warning", "note"] = "error"
