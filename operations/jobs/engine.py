"""Backups of each database: a class for each product, in a module of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import ClassVar, NamedTuple

from operations.jobs.dumps import TableDigest
from operations.jobs.storage import Manifest


class Server(NamedTuple):
    """The product of a database with its version, and the database's defaults for texts."""

    version: str
    charset: str
    collation: str


class Dump(NamedTuple):
    """A dump that is being made.

    `digests` returns those of its tables, when all of `chunks` has been read.
    """

    chunks: Iterable[bytes]
    digests: Callable[[], dict[str, TableDigest]]


class Engine(ABC):
    """A database to back up or to restore into.

    `product` is the word for the kind of database in manifests; `storage.DUMPS` has a suffix for
    it. All methods raise BackupError with one sentence.
    """

    product: ClassVar[str]
    name: str

    @classmethod  # noqa: B027  # most products need no program
    def check_programs(cls) -> None:
        """Raise BackupError if a program that backups need is not installed."""

    def problem_of_program(self) -> str:
        """Return a sentence if the installed program cannot dump this server, or ''."""
        return ""

    @property
    @abstractmethod
    def client(self) -> str:
        """The program that makes the dumps, with its version."""

    @abstractmethod
    def server(self) -> Server:
        """Return the version of the server and the defaults of the database."""

    @abstractmethod
    def count_tables(self) -> int:
        """Return the number of tables. Raise BackupError if the database cannot be used."""

    @abstractmethod
    def migrations(self) -> list[str]:
        """Return the applied migrations as app.name, in the order in which they ran."""

    @abstractmethod
    def dump(self) -> Dump:
        """Begin a consistent dump of all tables, without a lock that requests would wait for."""

    @abstractmethod
    def digest_tables(self) -> dict[str, TableDigest]:
        """Return the digests of all tables as they are now."""

    @abstractmethod
    def load(self, chunks: Iterable[bytes]) -> None:
        """Load a dump into this database, which is empty."""

    @abstractmethod
    def beside(self, name: str) -> Engine:
        """Return another database on the same server."""

    @abstractmethod
    def drill(self) -> Engine:
        """Return the database that a drill creates beside this one."""

    @abstractmethod
    def temporary(self, manifest: Manifest) -> AbstractContextManager[Engine]:
        """Create this database, and drop it at the end. Raise BackupError if it exists."""

    @abstractmethod
    def creation_hint(self, manifest: Manifest, error: str = "") -> str:
        """Return how to create this database empty, given the error of a try to use it."""

    @abstractmethod
    def failure_hint(self, manifest: Manifest) -> str:
        """Return what a failed load has left, and how to start again."""
