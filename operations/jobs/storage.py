"""Store backups in a folder or in S3."""

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
from operations.jobs.dumps import TableDigest
from operations.jobs.errors import BackupError

NAME_FORMAT = "todomate-%Y-%m-%dT%H%M%SZ"
# The ends of the names of dumps, by the `engine` in their manifests.
DUMPS = {"mysql": ".sql.gz", "postgres": ".sql.gz", "sqlite": ".sqlite3.gz"}
MANIFEST = ".json"
INCOMPLETE_AFTER = timedelta(days=1)  # no backup takes longer to write
PART_SIZE = 5 << 20  # bytes; the smallest that S3 accepts, at most 10,000 times: 50 GB
CHUNK_SIZE = 1 << 18  # bytes
GZIP = zlib.MAX_WBITS | 16


def format_name(instant: datetime) -> str:
    """Return the name of a backup made at this instant."""
    return instant.astimezone(UTC).strftime(NAME_FORMAT)


def parse_name(name: str) -> datetime:
    """Return the instant in the name of a backup. Raise ValueError if it is none."""
    return datetime.strptime(name, NAME_FORMAT).replace(tzinfo=UTC)


def without_suffix(path: str) -> str:
    """Return the name of the backup that a file belongs to, which has this path."""
    for suffix in (MANIFEST, *DUMPS.values()):
        path = path.removesuffix(suffix)
    return path


def is_dump(path: str) -> bool:
    """Return whether a file is a dump, according to its name."""
    return path.endswith(tuple(DUMPS.values()))


def is_backup_file(path: str) -> bool:
    """Return whether a file belongs to a backup, according to its name."""
    name = without_suffix(path)
    try:
        return name != path and format_name(parse_name(name)) == name
    except ValueError:
        return False


@dataclass(frozen=True)
class Manifest:
    """The description of a backup. A dump without a manifest is incomplete.

    `sha256` and `size` (in bytes) are those of the compressed dump; `server`, `charset` and
    `collation` those of the database; `client` is the program that dumped it; `migrations` are the
    applied ones; `release` is TodoMate's version; `engine` the kind of database, which manifests
    of release 0.1.0 do not have.
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
    tables: dict[str, TableDigest]
    engine: str = "mysql"

    @property
    def file(self) -> str:
        """The name of the dump's file."""
        return self.name + DUMPS[self.engine]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> bytes:
        """Return the content of the manifest's file."""
        tables = {name: table._asdict() for name, table in self.tables.items()}
        return json.dumps(asdict(self) | {"tables": tables}, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Parse a manifest, ignoring keys of later releases. Raise BackupError if it is invalid."""
        try:
            values = json.loads(text)
            tables = {name: TableDigest(**table) for name, table in values["tables"].items()}
            values["tables"] = tables
            values.setdefault("engine", "mysql")
            manifest = cls(**{field.name: values[field.name] for field in fields(cls)})
            _ = manifest.file  # of a known kind
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError(f"The manifest cannot be read: {error!r}") from error
        # These become part of a statement.
        if not all(re.fullmatch(r"\w+", word) for word in (manifest.charset, manifest.collation)):
            raise BackupError("The manifest cannot be read: charset or collation is invalid.")
        return manifest


class Compressor:
    """Compress a dump, and compute the size and the sha256 of the result."""

    def __init__(self) -> None:
        self.size = 0
        self.sha256 = hashlib.sha256()

    def compress(self, lines: Iterable[bytes]) -> Generator[bytes]:
        """Yield the compressed dump in chunks."""
        compressor = zlib.compressobj(level=6, wbits=GZIP)
        for chunk in _join_lines(lines):
            yield from self._count(compressor.compress(chunk))
        yield from self._count(compressor.flush())

    def _count(self, chunk: bytes) -> Iterator[bytes]:
        if chunk:
            self.size += len(chunk)
            self.sha256.update(chunk)
            yield chunk


def _join_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield many lines at once: compressing them one by one would take several times as long."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= CHUNK_SIZE:
            yield b"".join(batch)
            batch = []
            size = 0
    yield b"".join(batch)


def decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a decompressed dump in chunks of limited size, whatever its compression ratio is."""
    decompressor = zlib.decompressobj(wbits=GZIP)
    for chunk in chunks:
        rest = chunk
        while rest:
            yield decompressor.decompress(rest, CHUNK_SIZE)
            rest = decompressor.unconsumed_tail
    yield decompressor.flush()


class Store:
    """The backups at a URL: file:///folder or s3://bucket/prefix."""

    def __init__(self, source: str, url: str, **s3_options: Any) -> None:
        """Open the store. `source` is the variable or option with the URL, for error messages.

        `s3_options` are those of obstore's S3Store.
        """
        parts = environment.split(source, url, ("file", "s3"))
        self.url = url
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        has_bucket = bool(parts.netloc)
        has_folder = self.folder is not None and self.folder.is_absolute()
        if has_bucket == has_folder:
            raise BackupError(f"{source} must be file:///folder or s3://bucket/prefix")
        with self._storage_errors():
            self.objects: LocalStore | S3Store = (
                LocalStore(self.folder, mkdir=True)
                if self.folder
                else S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **s3_options)
            )

    def names(self) -> list[str]:
        """Return the names of the complete backups, the newest first."""
        manifests = [path for path in self._files() if path.endswith(MANIFEST)]
        return sorted((path.removesuffix(MANIFEST) for path in manifests), reverse=True)

    def _files(self) -> dict[str, datetime]:
        """Return the time of the last change of every file that belongs to a backup."""
        with self._storage_errors():
            found = [entry for page in obstore.list(self.objects) for entry in page]
        return {
            entry["path"]: entry["last_modified"]
            for entry in found
            if is_backup_file(entry["path"])
        }

    def read_manifest(self, name: str) -> Manifest:
        """Return the manifest of the backup `name`, or of the newest for "latest"."""
        names = self.names()
        if not names:
            raise BackupError(f"There is no backup at {self.url}.")
        wanted = names[0] if name == "latest" else without_suffix(name)
        if wanted not in names:
            raise BackupError(
                f"There is no backup {name} at {self.url}: `manage.py restore --list` lists them."
            )
        with self._storage_errors():
            text = bytes(obstore.get(self.objects, wanted + MANIFEST).bytes())
        manifest = Manifest.from_json(text)
        if manifest.name != wanted:
            raise BackupError(
                f"{wanted}{MANIFEST} at {self.url} belongs to another backup: {manifest.name!r}."
            )
        return manifest

    def write_dump(self, file: str, dump: Generator[bytes]) -> None:
        """Store a compressed dump in this file. If it fails half-way, store nothing."""
        with self._storage_errors(), closing(dump) as chunks:
            obstore.put(
                self.objects,
                file,
                chunks,
                use_multipart=True,
                chunk_size=PART_SIZE,
                max_concurrency=2,
            )

    def write_manifest(self, manifest: Manifest) -> None:
        """Complete a backup. Raise BackupError if its dump has another size than it should."""
        with self._storage_errors():
            size = obstore.head(self.objects, manifest.file)["size"]
            if size != manifest.size:
                raise BackupError(
                    f"{manifest.file} has {size} bytes at {self.url}, not {manifest.size}."
                )
            obstore.put(self.objects, manifest.name + MANIFEST, manifest.to_json())

    def read_dump(self, file: str) -> Iterator[bytes]:
        """Yield the compressed dump in this file in chunks."""
        with self._storage_errors():
            response = obstore.get(self.objects, file)
            for chunk in response.stream(min_chunk_size=CHUNK_SIZE):
                yield bytes(chunk)

    def verify(self, manifest: Manifest) -> None:
        """Raise BackupError if the compressed dump has changed since it was stored."""
        digest = hashlib.sha256()
        for chunk in self.read_dump(manifest.file):
            digest.update(chunk)
        if digest.hexdigest() != manifest.sha256:
            raise BackupError(
                f"The sha256 of {manifest.file} has changed since it was stored. Use an"
                " older backup."
            )

    def prune(self, now: datetime, days: int) -> list[str]:
        """Remove backups older than `days`, except for the newest; return their names.

        Also remove what interrupted backups have left.
        """
        names = self.names()
        old = [name for name in names[1:] if parse_name(name) < now - timedelta(days=days)]
        # The manifest first: without it the backup is incomplete.
        paths = [name + MANIFEST for name in old]
        paths += [path for path in self._files() if is_dump(path) and without_suffix(path) in old]
        for path in [*paths, *self._incomplete_dumps(names, now)]:
            with self._storage_errors(), suppress(FileNotFoundError):
                obstore.delete(self.objects, path)
        self._remove_partial_files()
        return old

    def _incomplete_dumps(self, complete: list[str], now: datetime) -> list[str]:
        """Return the old dumps that have no manifest."""
        return [
            path
            for path, changed_at in self._files().items()
            if is_dump(path)
            and without_suffix(path) not in complete
            and changed_at < now - INCOMPLETE_AFTER
        ]

    def _remove_partial_files(self) -> None:
        """Remove the temporary files of killed backups. In S3 a rule of the bucket does it."""
        if self.folder is None:
            return
        oldest = time.time() - INCOMPLETE_AFTER.total_seconds()
        with self._storage_errors():
            for path in self.folder.glob("todomate-*.gz#*"):
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        """Turn errors of the storage into a BackupError with one sentence."""
        try:
            yield
        except (BaseError, OSError) as error:
            raise BackupError(f"{self.url}: {str(error).partition('\n')[0]}") from error
