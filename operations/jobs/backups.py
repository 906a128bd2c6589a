"""Make and restore backups, and test that a backup can be restored."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple

from django.conf import settings

from operations.jobs import dumps
from operations.jobs.engine import Engine
from operations.jobs.errors import BackupError
from operations.jobs.storage import DUMPS, Compressor, Manifest, Store, decompress, format_name


def back_up(database: Engine, store: Store, now: datetime) -> Manifest | None:
    """Make a backup. Return None if the database has no tables yet."""
    server = database.server()
    if database.count_tables() == 0:
        return None
    migrations = database.migrations()
    name = format_name(now)
    dump = database.dump()
    compressor = Compressor()
    store.write_dump(name + DUMPS[database.product], compressor.compress(dump.chunks))
    manifest = Manifest(
        name=name,
        release=settings.VERSION,
        engine=database.product,
        server=server.version,
        client=database.client,
        charset=server.charset,
        collation=server.collation,
        migrations=migrations,
        size=compressor.size,
        sha256=compressor.sha256.hexdigest(),
        tables=dump.digests(),
    )
    store.write_manifest(manifest)
    return manifest


def restore(manifest: Manifest, store: Store, into: Engine) -> list[str]:
    """Restore a backup into an empty database; return the differences, as compare() does."""
    if manifest.engine != into.product:
        raise BackupError(
            f"{manifest.name} is a backup of {manifest.engine}, which cannot be restored into a"
            f" database of {into.product}."
        )
    try:
        tables = into.count_tables()
    except BackupError as error:
        raise BackupError(f"{error}. {into.creation_hint(manifest, str(error))}") from error
    if tables:
        raise BackupError(
            f"The database {into.name} is not empty ({tables} tables)."
            f" {into.creation_hint(manifest)}"
        )
    store.verify(manifest)
    try:
        into.load(decompress(store.read_dump(manifest.file)))
    except BackupError as error:
        raise BackupError(f"{error}. {into.failure_hint(manifest)}") from error
    return compare(manifest, into)


def compare(manifest: Manifest, database: Engine) -> list[str]:
    """Dump the database and return a message for each table that differs from the backup."""
    found = database.digest_tables()
    # Other versions of the server may write the same definition in another way.
    same_server = database.server().version == manifest.server
    return dumps.compare_tables(manifest.tables, found, definitions=same_server)


class Drill(NamedTuple):
    """The result of a drill: the differences, and the seconds it took to restore and compare."""

    differences: list[str]
    seconds: float


def drill(manifest: Manifest, store: Store, beside: Engine) -> Drill:
    """Restore into a new database on the same server, compare, and drop it."""
    began = time.monotonic()
    with beside.drill().temporary(manifest) as database:
        return Drill(restore(manifest, store, database), time.monotonic() - began)
