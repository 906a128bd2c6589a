"""What the doctor has to say."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: `says` what is the case, `do` what mends it, a whole sentence each.

    `code` is stable, for scripts and tests. An error keeps the server from working or being safe; a warning does not;
    a note is mended by what runs next (deploy.sh), and no reason to stop.
    """

    code: str
    says: str
    do: str
    level: Literal["error", "warning", "note"] = "error"
