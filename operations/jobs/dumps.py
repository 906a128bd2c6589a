"""Read a dump while it is copied, and compute the number of rows and digests of each table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from operations.jobs.errors import BackupError

NAME = rb"`((?:[^`]|``)+)`"
CREATE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?" + NAME)
COLUMN = re.compile(rb"\s+" + NAME + rb" (.*)")
INSERT = re.compile(rb"INSERT INTO " + NAME + rb"( \([^)]*\))? VALUES\s*")
# A quoted text, in which quotes, backslashes and line breaks are escaped.
TEXT = rb"'(?:[^'\\]++|\\.)*+'"
ROW = re.compile(rb"\((?:[^'()]++|" + TEXT + rb")*+\)")
VALUE = re.compile(rb"(?:[^',]++|" + TEXT + rb")++")
AUTO_INCREMENT = re.compile(rb" AUTO_INCREMENT=\d+")


class TableDigest(NamedTuple):
    """The number of rows of a table in a dump, and the sha256 of its rows and its definition."""

    rows: int
    data: str
    definition: str


class Table:
    """The part of a table that has been read."""

    def __init__(self) -> None:
        self.rows = 0
        self.data = hashlib.sha256()
        self.definition = hashlib.sha256()
        self.columns: list[bytes] = []
        self.generated: list[int] = []

    def add_definition_line(self, line: bytes) -> None:
        self.definition.update(AUTO_INCREMENT.sub(b"", line))
        if column := COLUMN.match(line):
            if b" GENERATED ALWAYS AS (" in column[2]:
                self.generated.append(len(self.columns))
            self.columns.append(column[1])

    def add_row(self, row: bytes) -> None:
        self.rows += 1
        self.data.update(row + b"\n")

    @property
    def stored_columns(self) -> bytes:
        """The list of columns for INSERT, without generated columns."""
        names = [name for number, name in enumerate(self.columns) if number not in self.generated]
        return b" (" + b", ".join(b"`" + name + b"`" for name in names) + b")"

    def remove_generated(self, row: bytes) -> bytes:
        """Return a row without the values of generated columns, which MySQL does not accept."""
        values = enumerate(VALUE.findall(row[1:-1]))
        return b"(" + b",".join(v for number, v in values if number not in self.generated) + b")"


class DumpReader:
    """Copy the lines of a dump and compute the digests of its tables.

    MariaDB's program writes one row per line and values for generated columns, which are removed;
    MySQL's writes many rows per line. The digests are the same.
    """

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.table = Table()
        # The state of this reader: the method for the next line, which returns its copy.
        self.read_line: Callable[[bytes], bytes] = self._read_statement

    def copy(self, dump: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the lines of a dump."""
        for line in dump:
            yield self.read_line(line)

    def digests(self) -> dict[str, TableDigest]:
        """Return the digests of the tables read so far."""
        return {
            name: TableDigest(table.rows, table.data.hexdigest(), table.definition.hexdigest())
            for name, table in self.tables.items()
        }

    def _read_statement(self, line: bytes) -> bytes:
        if line.startswith(b"INSERT INTO "):
            return self._read_insert(line)
        if found := CREATE.match(line):
            self.table = Table()
            self.tables[_unquote(found[1])] = self.table
            self.read_line = self._read_definition
            return self._read_definition(line)
        return line

    def _read_definition(self, line: bytes) -> bytes:
        self.table.add_definition_line(line)
        if line.endswith(b";\n"):
            self.read_line = self._read_statement
        return line

    def _read_insert(self, line: bytes) -> bytes:
        found = INSERT.match(line)
        if found is None:
            raise BackupError("The dump contains an INSERT of an unknown form.")
        self.table = self.tables[_unquote(found[1])]
        has_generated = bool(self.table.generated) and found[2] is None
        columns = self.table.stored_columns if has_generated else found[2] or b""
        head = b"INSERT INTO `" + found[1] + b"`" + columns + b" VALUES\n"
        if found.end() == len(line):
            self.read_line = self._read_generated_row if has_generated else self._read_row
            return head
        rows = ROW.findall(line, found.end())
        if has_generated:
            rows = [self.table.remove_generated(row) for row in rows]
        for row in rows:
            self.table.add_row(row)
        return head + b",\n".join(rows) + b";\n"

    def _read_row(self, line: bytes) -> bytes:
        if line.endswith(b";\n"):
            self.read_line = self._read_statement
        self.table.add_row(line[:-2])
        return line

    def _read_generated_row(self, line: bytes) -> bytes:
        return self._read_row(self.table.remove_generated(line[:-2]) + line[-2:])


def _unquote(name: bytes) -> str:
    return name.decode().replace("``", "`")


def digest_tables(dump: Iterable[bytes]) -> dict[str, TableDigest]:
    """Return the digests of a dump that is not kept."""
    reader = DumpReader()
    for _line in reader.copy(dump):
        pass
    return reader.digests()


def compare_tables(
    expected: dict[str, TableDigest], found: dict[str, TableDigest], *, definitions: bool
) -> list[str]:
    """Return a message for each table that differs. Compare `definitions` only on request."""
    messages = [f"{name}: is missing" for name in expected if name not in found]
    messages += [f"{name}: is not in the backup" for name in found if name not in expected]
    for name in sorted(expected.keys() & found.keys()):
        before, after = expected[name], found[name]
        if after.data != before.data:
            messages.append(
                f"{name}: its rows differ ({after.rows} rows, {before.rows} in the backup)"
            )
        elif definitions and after.definition != before.definition:
            messages.append(f"{name}: its definition differs")
    return messages
