"""How a person's own order of things is kept: `position` is an integer from 0, with gaps and ties; ties fall by id."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID


def places_after_reorder[M: Any](
    rows: Mapping[UUID, M], ids: Sequence[UUID]
) -> Iterator[tuple[M, int]]:
    """Which row takes which position when `ids` are to stand in this order: the places that those rows hold now.

    Ids without a row are skipped, a repeated one counts where it stands first. Only rows that move are given. Two rows
    on one position cannot be told apart by it, so tied places are spread by one each where their order would come out
    wrong.
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
