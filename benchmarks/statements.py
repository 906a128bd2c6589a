"""The SQL of a request with its values taken out, so that another person's can be put in.

The bare function executes what the project executes: `benchmarks.recording` writes the project's statements down for
one request, and here they are read and executed for any other.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Rows = tuple[tuple[Any, ...], ...]
# Of one argument: a role ("viewer"), or the statement, row and column whose value it was, or the value itself.
Argument = dict[str, Any]


@dataclass(frozen=True)
class Statement:
    """One statement and where each of its arguments comes from."""

    sql: str
    arguments: list[Argument]
    with_next: bool = False  # sent in one packet with the statement after it, or with COMMIT

    @cached_property
    def encoded(self) -> bytes:
        """For the driver."""
        return self.sql.encode()

    @property
    def table(self) -> str:
        """The first table that it names."""
        found = re.search(r"(?:FROM|INTO|UPDATE)\s+`?(\w+)", self.sql)
        return found[1] if found else ""

    @property
    def verb(self) -> str:
        return self.sql.lstrip("( ").split(maxsplit=1)[0].upper()

    @property
    def locks(self) -> bool:
        return "FOR UPDATE" in self.sql

    def bind(self, roles: Mapping[str, Any], results: Sequence[Rows]) -> list[Any]:
        """Its arguments for these roles, and for the rows of the statements before it."""
        return [_value(argument, roles, results) for argument in self.arguments]

    def columns(self) -> list[tuple[str, str]]:
        """What it selects: the expression ("table.column"), and the alias or the same once more."""
        body = re.sub(r"^SELECT\s+(DISTINCT\s+)?", "", self.sql.lstrip("( "), flags=re.IGNORECASE)
        return [_column(part) for part in _parts(body)]

    def place(self, *names: str) -> int:
        """Which column is the first of these that is there: "table.column", an alias, or a column of any table.

        Raises LookupError when none is.
        """
        columns = self.columns()
        for name in names:
            for place, spellings in enumerate(columns):
                if name in spellings:
                    return place
        for name in names:
            for place, (expression, alias) in enumerate(columns):
                if name in (expression.rpartition(".")[2], alias.rpartition("__")[2]):
                    return place
        raise LookupError(f"{' or '.join(names)} is not among the columns of: {self.sql[:200]}")


def _value(argument: Argument, roles: Mapping[str, Any], results: Sequence[Rows]) -> Any:
    if "role" in argument:
        return roles[argument["role"]]
    if "row" in argument:
        return results[argument["statement"]][argument["row"]][argument["column"]]
    return argument["value"]


def _parts(text: str) -> list[str]:
    """A select list, cut at its commas, up to the FROM that ends it."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter == ",":
            parts.append(text[start:place])
            start = place + 1
        elif depth == 0 and text.startswith(" FROM ", place):
            return [*parts, text[start:place]]
    return [*parts, text[start:]]


def _column(part: str) -> tuple[str, str]:
    expression, _, alias = part.strip().replace("`", "").rpartition(" AS ")
    return (expression, alias) if re.fullmatch(r"\w+", alias) and expression else (alias, alias)


Recorded = dict[
    str, list[Statement]
]  # by the name of the request: list, day, calendar, done, undone, create


def save(recorded: Recorded, path: Path) -> None:
    path.write_text(
        json.dumps(
            {name: [asdict(one) for one in all_] for name, all_ in recorded.items()}, default=_hex
        )
    )


def load(path: Path) -> Recorded:
    raw = json.loads(path.read_text(), object_hook=_unhex)
    return {name: [Statement(**one) for one in all_] for name, all_ in raw.items()}


def _hex(value: bytes) -> dict[str, str]:
    return {"bytes": value.hex()}


def _unhex(value: dict[str, Any]) -> Any:
    return bytes.fromhex(value["bytes"]) if value.keys() == {"bytes"} else value
