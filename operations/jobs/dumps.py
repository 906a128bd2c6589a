"""Reading a dump as it passes: which tables it holds, how many rows, and a digest of each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from operations.jobs.errors import BackupError

NAME = rb"`((?:[^`]|``)+)`"
CREATE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?" + NAME)
COLUMN = re.compile(rb"\s+" + NAME + rb" (.*)")
INSERT = re.compile(rb"INSERT INTO " + NAME + rb"( \([^)]*\))? VALUES\s*")
# A text in quotes, in which a quote, a backslash and a line break are escaped.
TEXT = rb"'(?:[^'\\]++|\\.)*+'"
ROW = re.compile(rb"\((?:[^'()]++|" + TEXT + rb")*+\)")
VALUE = re.compile(rb"(?:[^',]++|" + TEXT + rb")++")
COUNTER = re.compile(rb" AUTO_INCREMENT=\d+")


class Sum(NamedTuple):
    """A table in a dump: its rows, and the sha256 of what they hold and of how the table is defined."""

    rows: int
    data: str
    definition: str


class Table:
    """What has been read of one table."""

    def __init__(self) -> None:
        self.rows = 0
        self.data, self.definition = hashlib.sha256(), hashlib.sha256()
        self.columns: list[bytes] = []
        self.generated: list[int] = []

    def define(self, line: bytes) -> None:
        self.definition.update(COUNTER.sub(b"", line))
        if column := COLUMN.match(line):
            if b" GENERATED ALWAYS AS (" in column[2]:
                self.generated.append(len(self.columns))
            self.columns.append(column[1])

    def add(self, row: bytes) -> None:
        self.rows += 1
        self.data.update(row + b"\n")

    @property
    def own_columns(self) -> bytes:
        names = [name for number, name in enumerate(self.columns) if number not in self.generated]
        return b" (" + b", ".join(b"`" + name + b"`" for name in names) + b")"

    def own_values(self, row: bytes) -> bytes:
        """The row without what the database computes itself: MySQL takes no value for such a column."""
        values = VALUE.findall(row[1:-1])
        return (
            b"("
            + b",".join(v for number, v in enumerate(values) if number not in self.generated)
            + b")"
        )


class Reading:
    """Lets the lines of a dump pass and keeps the sums of its tables.

    MariaDB's program writes a row per line and values for generated columns too, which are left out here; MySQL's
    writes many rows per line. The sums are the same.
    """

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.table = Table()
        self.step = self.between

    def lines(self, dump: Iterable[bytes]) -> Iterator[bytes]:
        for line in dump:
            yield self.step(line)

    def between(self, line: bytes) -> bytes:
        if line.startswith(b"INSERT INTO "):
            return self.insert(line)
        if found := CREATE.match(line):
            self.table = self.tables[found[1].decode().replace("``", "`")] = Table()
            self.step = self.inside_definition
            return self.inside_definition(line)
        return line

    def inside_definition(self, line: bytes) -> bytes:
        self.table.define(line)
        if line.endswith(b";\n"):
            self.step = self.between
        return line

    def insert(self, line: bytes) -> bytes:
        found = INSERT.match(line)
        if found is None:
            raise BackupError("The dump holds an INSERT of a form that is not known here.")
        self.table = table = self.tables[found[1].decode().replace("``", "`")]
        left_out = bool(table.generated) and found[2] is None
        head = (
            b"INSERT INTO `"
            + found[1]
            + b"`"
            + (table.own_columns if left_out else found[2] or b"")
            + b" VALUES\n"
        )
        if found.end() == len(line):
            self.step = self.row_of_what_is_left if left_out else self.row
            return head
        rows = ROW.findall(line, found.end())
        rows = [table.own_values(row) for row in rows] if left_out else rows
        for row in rows:
            table.add(row)
        return head + b",\n".join(rows) + b";\n"

    def row(self, line: bytes) -> bytes:
        if line.endswith(b";\n"):
            self.step = self.between
        self.table.add(line[:-2])
        return line

    def row_of_what_is_left(self, line: bytes) -> bytes:
        return self.row(self.table.own_values(line[:-2]) + line[-2:])

    def sums(self) -> dict[str, Sum]:
        return {
            name: Sum(table.rows, table.data.hexdigest(), table.definition.hexdigest())
            for name, table in self.tables.items()
        }


def sums_of(dump: Iterable[bytes]) -> dict[str, Sum]:
    """The sums of a dump that is thrown away."""
    reading = Reading()
    for _line in reading.lines(dump):
        pass
    return reading.sums()


def differences(wanted: dict[str, Sum], found: dict[str, Sum], *, definitions: bool) -> list[str]:
    """What the tables found have else than those wanted, a sentence each; their definitions too where asked."""
    said = [f"{name}: is not there" for name in wanted if name not in found]
    said += [f"{name}: was not in the backup" for name in found if name not in wanted]
    for name, want in wanted.items():
        have: Any = found.get(name, want)
        if have.data != want.data:
            said.append(
                f"{name}: its rows are not the same ({have.rows} rows, {want.rows} in the backup)"
            )
        elif definitions and have.definition != want.definition:
            said.append(f"{name}: is defined otherwise")
    return said
