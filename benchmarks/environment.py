"""The environment in which everything runs: production, as on a machine that serves people."""

import os
import secrets
from pathlib import Path

# What programs need to be found and run, and nothing that would turn a setting.
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH")


def production(url: str, folder: Path) -> dict[str, str]:
    """All variables of a process of this run; `folder` holds what the processes share."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "TODOMATE_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": url,
        "LOG_LEVEL": "WARNING",
        "BENCH_STATEMENTS": str(statements_file(folder)),
    }


def statements_file(folder: Path) -> Path:
    return folder / "statements.json"


def people_file(folder: Path) -> Path:
    return folder / "people.json"
