"""Check that a backup could be made and stored, without making one."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from core.environment import InvalidSetting
from operations.doctor.findings import Finding
from operations.jobs.engines import class_of, own_database
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

PROGRAM_HINT = (
    "Install a client of the server's version (sudo apt install postgresql-client-VERSION, from"
    " apt.postgresql.org), or mount its pg_dump and psql into the container."
)
SAME_DISK_HINT = (
    "Mount a folder of another disk at /backups (--volume /mnt/other-disk/todomate:/backups), or"
    " set BACKUP_URL=s3://bucket/prefix."
)


def examine() -> Iterator[Finding]:
    """Yield findings about the dump program and the folder or bucket of BACKUP_URL."""
    try:
        class_of(settings.DATABASES["default"]).check_programs()
        if problem := own_database(settings.DATABASES["default"]).problem_of_program():
            message = f"No backup can be made: {problem}."
            yield Finding("backup-program-too-old", message, PROGRAM_HINT, "warning")
    except BackupError as error:
        missing, _, command = str(error).partition(": ")
        message = f"No backup can be made: {missing[0].lower()}{missing[1:]}."
        yield Finding("backup-program", message, command, "warning")
    if problem := _problem_of_target():
        message = f"No backup can be stored: {problem.rstrip('.')}."
        yield Finding("backup-place", message, HINT, "warning")
    elif settings.DATA_FOLDER and (folder := _folder_on_disk_of_database()):
        message = f"The backups in {folder} are on the disk of the database, and are lost with it."
        yield Finding("backup-same-disk", message, SAME_DISK_HINT, "warning")


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


def _folder_on_disk_of_database() -> Path | None:
    """Return the folder of the backups if SQLite's file is on the same disk."""
    entry = settings.DATABASES["default"]
    parts = urlsplit(settings.BACKUP_URL)
    if parts.scheme != "file" or not entry["ENGINE"].endswith("sqlite3"):
        return None
    folder = Path(unquote(parts.path))
    places = (_existing(folder), _existing(Path(entry["NAME"]).absolute()))
    return folder if len({place.stat().st_dev for place in places}) == 1 else None


def _existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def _problem_of_folder(folder: Path) -> str:
    """Return the reason why a folder cannot be written to. A backup creates it if it is missing."""
    existing = _existing(folder)
    if not existing.is_dir():
        return f"{existing} is not a folder"
    if not os.access(existing, os.W_OK | os.X_OK):
        return f"this account (uid {os.getuid()}) may not write to {existing}"
    return ""
