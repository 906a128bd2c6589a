"""Whether a backup could be made, as far as that can be seen without making one."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from core.environment import Refused
from operations.doctor.findings import Finding
from operations.jobs import programs
from operations.jobs.errors import BackupError
from operations.jobs.storage import Store

HURRY = {
    "client_options": {"timeout": timedelta(seconds=5), "connect_timeout": timedelta(seconds=3)},
    "retry_config": {"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
}
# In a new container: one that runs has the settings of its start.
HINT = (
    "Correct BACKUP_URL (docs/backups.md has the rights that a bucket needs), and try it:"
    " `./deploy.sh compose run --rm jobs python manage.py backup`."
)


def examine() -> Iterator[Finding]:
    try:
        programs.installed()
    except BackupError as error:
        message = "No backup can be made: neither mariadb-dump nor mysqldump is installed here."
        yield Finding("backup-program", message, str(error).partition(": ")[2], "warning")
    try:
        message = of_folder() or of_store()
    except (BackupError, Refused) as error:
        message = str(error)
    if message:
        yield Finding(
            "backup-place", f"No backup can be kept: {message.rstrip('.')}.", HINT, "warning"
        )


def of_folder() -> str:
    """What is wrong with a folder, which need not be there yet."""
    parts = urlsplit(settings.BACKUP_URL)
    if parts.scheme != "file":
        return ""
    folder = Path(unquote(parts.path))
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return ""
    return (
        f"this account (uid {os.getuid()}) may not write in {there}"
        if there.is_dir()
        else f"{there} is no folder"
    )


def of_store() -> str:
    if urlsplit(settings.BACKUP_URL).scheme != "file":
        Store("BACKUP_URL", settings.BACKUP_URL, **HURRY).names()
    return ""
