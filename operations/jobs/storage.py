"""Where backups are: a folder or S3, by one interface."""

from __future__ import annotations

import hashlib
import json
import re
import time
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from core import environment
from operations.jobs.dumps import Sum
from operations.jobs.errors import BackupError

INSTANT = "todomate-%Y-%m-%dT%H%M%SZ"
DUMP, MANIFEST = ".sql.gz", ".json"
LEFT_OVER = timedelta(days=1)  # by then no backup is still being written
PART = 5 << 20  # the least that S3 takes, at most 10,000 times: 50 GB
READ = 1 << 18
GZIP = zlib.MAX_WBITS | 16


def named(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime(INSTANT)


def instant_of(name: str) -> datetime:
    return datetime.strptime(name, INSTANT).replace(tzinfo=UTC)


def belongs(path: str) -> bool:
    """Whether a file is one of a backup, by its name."""
    name = path.removesuffix(MANIFEST).removesuffix(DUMP)
    try:
        return name != path and named(instant_of(name)) == name
    except ValueError:
        return False


@dataclass(frozen=True)
class Manifest:
    """What a backup is: without one it does not count.

    `sha256` and `size` (in bytes) are the packed file's, `tables` what each table holds, `server`, `charset` and
    `collation` the database's, `client` the program that dumped it, `migrations` those that had been run, `release`
    TodoMate's.
    """

    name: str
    release: str
    server: str
    client: str
    charset: str
    collation: str
    migrations: list[str]
    size: int
    sha256: str
    tables: dict[str, Sum]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def text(self) -> bytes:
        tables = {name: table._asdict() for name, table in self.tables.items()}
        return json.dumps(asdict(self) | {"tables": tables}, indent=1).encode() + b"\n"

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """Raises BackupError for one that cannot be read. A later release may have added to it."""
        try:
            values: dict[str, Any] = json.loads(text)
            values["tables"] = {name: Sum(**table) for name, table in values["tables"].items()}
            it = cls(**{field.name: values[field.name] for field in fields(cls)})
            if not all(
                re.fullmatch(r"\w+", word) for word in (it.charset, it.collation)
            ):  # they get into a statement
                raise ValueError("charset, collation")
            return it
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError(f"The manifest cannot be read: {error!r}") from error


class Packing:
    """Packs what passes, and keeps the length and the sha256 of the packed file."""

    def __init__(self) -> None:
        self.size, self.sha256 = 0, hashlib.sha256()

    def packed(self, lines: Iterable[bytes]) -> Generator[bytes]:
        packer = zlib.compressobj(level=6, wbits=GZIP)
        for chunk in gathered(lines):
            yield from self.counted(packer.compress(chunk))
        yield from self.counted(packer.flush())

    def counted(self, chunk: bytes) -> Iterator[bytes]:
        if chunk:
            self.size += len(chunk)
            self.sha256.update(chunk)
            yield chunk


def gathered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, many together: one by one they would take several times as long to pack."""
    some, size = [], 0
    for line in lines:
        some.append(line)
        size += len(line)
        if size >= READ:
            yield b"".join(some)
            some, size = [], 0
    yield b"".join(some)


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The other way round, a little at a time, however well it was packed."""
    unpacker = zlib.decompressobj(wbits=GZIP)
    for chunk in chunks:
        rest = chunk
        while rest:
            yield unpacker.decompress(rest, READ)
            rest = unpacker.unconsumed_tail
    yield unpacker.flush()


class Store:
    """The backups at a URL, which the variable or the option `source` gave: file:///folder or s3://bucket/prefix."""

    def __init__(self, source: str, url: str, **s3: Any) -> None:
        """`s3` goes to obstore's S3Store."""
        parts = environment.split(source, url, ("file", "s3"))
        self.url = url
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        if not (
            parts.netloc if self.folder is None else self.folder.is_absolute() and not parts.netloc
        ):
            raise BackupError(f"{source} must be file:///folder or s3://bucket/prefix")
        with self.understood():
            self.objects: Any = (
                LocalStore(self.folder, mkdir=True)
                if self.folder
                else S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **s3)
            )

    def names(self) -> list[str]:
        """Of whole backups, the newest first."""
        return sorted(
            (path.removesuffix(MANIFEST) for path in self.files() if path.endswith(MANIFEST)),
            reverse=True,
        )

    def files(self) -> dict[str, datetime]:
        """All that belongs to a backup, whole or not, and when it was last written."""
        with self.understood():
            found = [entry for page in obstore.list(self.objects) for entry in page]
        return {e["path"]: e["last_modified"] for e in found if belongs(e["path"])}

    def manifest(self, name: str) -> Manifest:
        """That of the backup `name`, or of the newest where it is "latest"."""
        names = self.names()
        if not names:
            raise BackupError(f"There is no backup at {self.url}.")
        wanted = names[0] if name == "latest" else name.removesuffix(DUMP).removesuffix(MANIFEST)
        if wanted not in names:
            raise BackupError(
                f"There is no backup {name} at {self.url}: `manage.py restore --list` names them."
            )
        with self.understood():
            text = bytes(obstore.get(self.objects, wanted + MANIFEST).bytes())
        manifest = Manifest.read(text)
        if manifest.name != wanted:
            raise BackupError(
                f"{wanted}{MANIFEST} at {self.url} is another backup's: {manifest.name!r}."
            )
        return manifest

    def keep(self, name: str, dump: Generator[bytes]) -> None:
        """Store the packed dump: either whole or, where something fails on the way, not at all."""
        with self.understood(), closing(dump) as chunks:
            obstore.put(
                self.objects,
                name + DUMP,
                chunks,
                use_multipart=True,
                chunk_size=PART,
                max_concurrency=2,
            )

    def finish(self, manifest: Manifest) -> None:
        """Make the backup count."""
        with self.understood():
            there = obstore.head(self.objects, manifest.name + DUMP)["size"]
            if there != manifest.size:
                raise BackupError(
                    f"{manifest.name}{DUMP} has {there} bytes at {self.url}, not {manifest.size}."
                )
            obstore.put(self.objects, manifest.name + MANIFEST, manifest.text())

    def chunks(self, name: str) -> Iterator[bytes]:
        """The packed dump."""
        with self.understood():
            for chunk in obstore.get(self.objects, name + DUMP).stream(min_chunk_size=READ):
                yield bytes(chunk)

    def check(self, manifest: Manifest) -> None:
        """That the packed dump is the very one that was made."""
        digest = hashlib.sha256()
        for chunk in self.chunks(manifest.name):
            digest.update(chunk)
        if digest.hexdigest() != manifest.sha256:
            raise BackupError(
                f"{manifest.name}{DUMP} has another sha256 than when it was stored. Take an older one."
            )

    def prune(self, now: datetime, days: int) -> list[str]:
        """Remove backups older than so many days, but for the newest, and what was broken off. Which ones they were."""
        names, files = self.names(), self.files()
        old = [name for name in names[1:] if instant_of(name) < now - timedelta(days=days)]
        gone = [
            name + ending for name in old for ending in (MANIFEST, DUMP)
        ]  # stops counting first
        whole = {name + DUMP for name in names}
        broken = [path for path in files if path.endswith(DUMP) and path not in whole]
        gone += [path for path in broken if files[path] < now - LEFT_OVER]
        for path in gone:
            with self.understood(), suppress(FileNotFoundError):
                obstore.delete(self.objects, path)
        self.remove_parts()
        return old

    def remove_parts(self) -> None:
        """In a folder: what a killed backup has left under a name of no backup. In S3 a rule of the bucket does it."""
        with self.understood():
            for path in self.folder.glob(f"todomate-*{DUMP}#*") if self.folder else ():
                if path.stat().st_mtime < time.time() - LEFT_OVER.total_seconds():
                    path.unlink(missing_ok=True)

    @contextmanager
    def understood(self) -> Iterator[None]:
        """What goes wrong with the storage as one sentence."""
        try:
            yield
        except (BaseError, OSError) as error:
            raise BackupError(f"{self.url}: {str(error).partition('\n')[0]}") from error
