"""Find the class for a database by its entry of DATABASES."""

from __future__ import annotations

from typing import Any

from core import environment
from operations.jobs.engine import Engine
from operations.jobs.errors import BackupError
from operations.jobs.mysql import MySQL
from operations.jobs.postgres import PostgreSQL
from operations.jobs.sqlite import SQLite

# By the last part of ENGINE.
CLASSES: dict[str, type[MySQL | PostgreSQL | SQLite]] = {
    "mysql": MySQL,
    "postgres": PostgreSQL,
    "sqlite3": SQLite,
}


def class_of(entry: dict[str, Any]) -> type[MySQL | PostgreSQL | SQLite]:
    """Return the class for this kind of database."""
    return CLASSES[entry["ENGINE"].rpartition(".")[2]]


def own_database(entry: dict[str, Any]) -> Engine:
    """Return this server's database, given its entry of DATABASES."""
    return class_of(entry).from_entry(entry)


def target_database(into: str, entry: dict[str, Any]) -> Engine:
    """Return the database of `--into`: a URL, or a name on the database server in `entry`.

    With SQLite the name is that of a file in the folder of the server's own.
    """
    own = own_database(entry)
    if "://" not in into:
        return own.beside(into)
    other = own_database(environment.entry("--into", into))
    if type(other) is not type(own):
        raise BackupError(
            f"--into must be a database of the same kind as this server's: {own.product}"
        )
    return other
