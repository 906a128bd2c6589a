"""One step of a plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """How a table is read, in the words of MySQL's EXPLAIN."""

    table: str
    kind: str  # const, ref, range, index, ALL, …
    keys: tuple[str, ...]

    @property
    def full_scan(self) -> bool:
        """True if the whole table is read. Temporary tables (<subquery2>) do not count."""
        return self.kind in {"ALL", "index"} and not self.table.startswith("<")
