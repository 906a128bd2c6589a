"""The files of photos: in a folder (file:///folder) or in S3 (s3://bucket/prefix), by PHOTO_URL.

A file is written once and never changed. Names are those of `photos.names`.
"""

import datetime as dt
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote
from uuid import UUID

import obstore
from django.conf import settings
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from core import environment
from core.one_container import sync_folder
from photos.names import names_of, new_key, parse_name

logger = logging.getLogger(__name__)

TYPE = "image/webp"
# What a request may wait for S3, which answers in a tenth of a second.
CLIENT: Any = {"connect_timeout": "2s", "timeout": "5s"}
RETRIES: Any = {"max_retries": 1, "retry_timeout": dt.timedelta(seconds=5)}


class StoreError(Exception):
    """The store refuses, is full, or does not answer. Its text is one sentence for the operator."""


class PhotoStore:
    """The files of photos at a URL."""

    def __init__(self, url: str, **s3_options: Any) -> None:
        """Name the store, which is not opened yet. `s3_options` are those of obstore's S3Store."""
        parts = environment.split("PHOTO_URL", url, ("file", "s3"))
        self.url = url
        self.folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._options = {"client_options": CLIENT, "retry_config": RETRIES} | s3_options
        self._opened: LocalStore | S3Store | None = None

    @property
    def objects(self) -> LocalStore | S3Store:
        """The opened store. A folder that is missing is made."""
        if self._opened is None:
            with self._errors():
                self._opened = (
                    LocalStore(self.folder, mkdir=True)
                    if self.folder
                    else S3Store(self._bucket, prefix=self._prefix or None, **self._options)
                )
        return self._opened

    # One photo

    def put(self, key: UUID, large: bytes, small: bytes) -> None:
        """Store the two files of a new photo, both or none. Raise StoreError."""
        try:
            for name, data in zip(names_of(key), (large, small), strict=True):
                with self._errors():
                    obstore.put(
                        self.objects,
                        name,
                        data,
                        attributes=None if self.folder else {"Content-Type": TYPE},
                        mode="create",
                    )
            self._sync(key)
        except StoreError:
            with suppress(StoreError):
                self.remove(key)
            raise

    def remove(self, key: UUID) -> None:
        """Remove the files of a photo, which may be gone already. Raise StoreError."""
        for name in names_of(key):
            with self._errors(), suppress(FileNotFoundError, NotFoundError):
                obstore.delete(self.objects, name)

    def read(self, name: str) -> bytes | None:
        """Return a file, None if it is not there. Raise StoreError."""
        with self._errors(), suppress(FileNotFoundError, NotFoundError):
            return bytes(obstore.get(self.objects, name).bytes())
        return None

    def path(self, name: str) -> Path | None:
        """Return the path of a file that is in a folder, None if it is in S3."""
        return self.folder / name if self.folder else None

    def sign(self, name: str, seconds: int, method: Literal["GET", "HEAD"] = "GET") -> str:
        """Return a link to a file in S3, for so many seconds. Nothing is asked of S3."""
        if isinstance(self.objects, LocalStore):
            raise TypeError("Files in a folder have no links.")
        with self._errors():
            lifetime = dt.timedelta(seconds=seconds)
            return str(obstore.sign(self.objects, method, name, lifetime))

    def probe(self, day: dt.date) -> None:
        """Store a small file and remove it. Raise StoreError if that fails."""
        key = new_key(day)
        self.put(key, b"probe", b"probe")
        self.remove(key)

    # All of them

    def days(self) -> list[dt.date]:
        """Return the days with files, the first one first."""
        with self._errors():
            objects = self.objects  # makes the folder, where nothing has been uploaded yet
            if self.folder is not None:
                names = [entry.name for entry in os.scandir(self.folder) if entry.is_dir()]
            else:
                listed = obstore.list_with_delimiter(objects)
                names = [str(prefix).strip("/") for prefix in listed["common_prefixes"]]
        return sorted(day for name in names if (day := _parse_day(name)) is not None)

    def keys(self, day: dt.date) -> Iterator[list[UUID]]:
        """Yield the keys of all files of this day, some hundreds at a time. Each may come twice."""
        with self._errors():
            if self.folder is not None:
                with suppress(FileNotFoundError):
                    names = [entry.name for entry in os.scandir(self.folder / day.isoformat())]
                    yield _keys_in(names)
                return
            for page in obstore.list(self.objects, day.isoformat(), chunk_size=500):
                yield _keys_in([str(entry["path"]).rpartition("/")[2] for entry in page])

    def close_day(self, day: dt.date) -> None:
        """Remove what interrupted writes have left of a past day, and its folder if it is empty."""
        if self.folder is None:
            return  # in S3 a rule of the bucket removes such parts, and there are no folders
        folder = self.folder / day.isoformat()
        with self._errors(), suppress(FileNotFoundError):
            for path in folder.glob("*.webp#*"):  # obstore's own, until they are complete
                path.unlink(missing_ok=True)
            with suppress(OSError):  # it is not empty
                folder.rmdir()

    def _sync(self, key: UUID) -> None:
        """Write files in a folder to the disk: their row must not survive a power cut alone."""
        if self.folder is None:
            return
        with self._errors():
            for name in names_of(key):
                path = self.folder / name
                handle = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
            sync_folder(path.parent)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn errors of the storage into a StoreError with one sentence."""
        try:
            yield
        except (BaseError, OSError) as error:
            raise StoreError(f"{self.url}: {str(error).partition('\n')[0]}") from error


@cache
def _store_at(url: str) -> PhotoStore:
    return PhotoStore(url)


def store() -> PhotoStore:
    """Return the store at PHOTO_URL."""
    return _store_at(settings.PHOTO_URL)


def remove_quietly(key: UUID) -> bool:
    """Remove the files of a photo and return whether it worked."""
    try:
        store().remove(key)
    except StoreError as error:
        logger.warning("The files of a photo could not be removed; tidy will: %s", error)
        return False
    return True


def _parse_day(name: str) -> dt.date | None:
    with suppress(ValueError):
        day = dt.date.fromisoformat(name)
        return day if day.isoformat() == name else None
    return None


def _keys_in(names: list[str]) -> list[UUID]:
    return [key for name in names if (key := parse_name(name)) is not None]
