"""Where and with what the figures were made."""

import datetime as dt
import platform
import subprocess
import sys
from importlib.metadata import version
from typing import Any

from benchmarks import database, report
from benchmarks.servers import ROOT


def described(url: str) -> dict[str, Any]:
    """The processor, the versions, the database server at `url` and the commit."""
    command = [sys.executable, "scripts/database_version.py", url]
    server = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "processor": report.processor(),
        "python": f"{platform.python_version()} ({platform.python_compiler()})",
        "django": version("django"),
        "djangorestframework": version("djangorestframework"),
        "database": server,
        "database_settings": database.variables(url),
        "commit": commit.stdout.strip(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }
