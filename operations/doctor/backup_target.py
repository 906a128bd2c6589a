"""Check that a backup could be made and stored, without making one."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from core.environment import InvalidSetting
from operations.doctor.findings import Finding
from operations.jobs.engines import class_of
from operations.jobs.errors import BackupError
from operations.jobs.storage import Store

S3_OPTIONS = {
    "client_options": {"timeout": timedelta(seconds=5), "connect_timeout": timedelta(seconds=3)},
    "retry_config": {"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
}
# `compose run` and not `exec`: a running container keeps the settings it was started with.
HINT = (
    "Correct BACKUP_URL (docs/backups.md lists the permissions that a bucket needs), and test it:"
    " `./deploy.sh compose run --rm jobs python manage.py backup`."
)


def examine() -> Iterator[Finding]:
    """Yield findings about the dump program and the folder or bucket of BACKUP_URL."""
    try:
        class_of(settings.DATABASES["default"]).check_programs()
    except BackupError as error:
        missing, _, command = str(error).partition(": ")
        message = f"No backup can be made: {missing[0].lower()}{missing[1:]}."
        yield Finding("backup-program", message, command, "warning")
    if problem := _problem_of_target():
        message = f"No backup can be stored: {problem.rstrip('.')}."
        yield Finding("backup-place", message, HINT, "warning")


def _problem_of_target() -> str:
    """Return the reason why BACKUP_URL cannot be used, or an empty string."""
    parts = urlsplit(settings.BACKUP_URL)
    if parts.scheme == "file":
        return _problem_of_folder(Path(unquote(parts.path)))
    try:
        Store("BACKUP_URL", settings.BACKUP_URL, **S3_OPTIONS).names()
    except (BackupError, InvalidSetting) as error:
        return str(error)
    return ""


def _problem_of_folder(folder: Path) -> str:
    """Return the reason why a folder cannot be written to. A backup creates it if it is missing."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        return f"{existing} is not a folder"
    if not os.access(existing, os.W_OK | os.X_OK):
        return f"this account (uid {os.getuid()}) may not write to {existing}"
    return ""
