"""Reordering of rows that have a `position`.

Positions are integers from 0, with gaps and ties. Rows with equal positions are ordered by id.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol
from uuid import UUID


class Positioned(Protocol):
    """A row that a person can move in a list."""

    @property
    def pk(self) -> UUID: ...

    @property
    def position(self) -> int: ...


def places_after_reorder[M: Positioned](
    rows: Mapping[UUID, M], ids: Sequence[UUID]
) -> Iterator[tuple[M, int]]:
    """Yield the rows that move, each with its new position, when `ids` gives the new order.

    The positions that the rows hold now are distributed among them. Ids without a row are
    skipped, and only the first of repeated ids counts. Two rows with the same position are ordered
    by id, so positions are increased by one where a tie would put two rows in the wrong order.
    """
    wanted = [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]
    places = sorted((row.position, row.pk) for row in rows.values())
    previous: tuple[int, UUID] | None = None
    for row, (place, _pk) in zip(wanted, places, strict=True):
        position = place
        if previous is not None and (position, row.pk) <= previous:
            position = previous[0] + 1 if row.pk <= previous[1] else previous[0]
        previous = (position, row.pk)
        if row.position != position:
            yield row, position
