"""Fold stored texts again, after a release has changed how they are folded for searches.

A pass reads all rows by their keys, keeps its place, and writes those only that differ. The release
before may write rows in the old form until it is replaced, so there is a second pass a day later.
Until a row is folded again, searches find it as they did before (`core.model_fields.forms`).
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.db import models

from core import clock
from core.model_fields import FoldedField
from core.transactions import run_write
from operations.jobs.models import Refolding

logger = logging.getLogger(__name__)

BATCH = 1000  # rows that are read at once
LOCKED = 100  # rows that are locked and written at once
PASSES = 2
BETWEEN_PASSES = timedelta(days=1)


def folded_columns() -> Iterator[tuple[type[models.Model], FoldedField]]:
    """Yield every folded copy of a text, with its model."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FoldedField):
                yield model, field


def is_due(now: datetime) -> bool:
    """Return whether a pass over some column has to begin or to go on."""
    return any(is_pass_due(Refolding.of(field), now) for _model, field in folded_columns())


def is_pass_due(state: Refolding, now: datetime) -> bool:
    """Return whether a pass has to begin or to go on."""
    if state.position or state.ended_at is None:
        return True
    return state.passes < PASSES and now >= state.ended_at + BETWEEN_PASSES


def refold(*, again: bool = False) -> int:
    """Make or complete the passes that are due, or one over all rows. Return the rows changed."""
    total = 0
    for model, field in folded_columns():
        state = Refolding.of(field)
        if again:
            state.begin_anew()
        if again or is_pass_due(state, clock.now()):
            total += _pass_over(model, field, state)
    return total


def _pass_over(model: type[models.Model], field: FoldedField, state: Refolding) -> int:
    """Fold the texts of all rows after the place of an interrupted pass."""
    total = 0
    while rows := _rows_after(model, field, state.position):
        stale = [pk for pk, text, folded in rows if field.folded(text) != folded]
        for at in range(0, len(stale), LOCKED):
            run_write(partial(_write, model, field, stale[at : at + LOCKED]))
        total += len(stale)
        state.move_to(rows[-1][0])
    state.end(clock.now())
    logger.info("%s: %s texts folded again", field, total)
    return total


def _rows_after(model: type[models.Model], field: FoldedField, position: str) -> list[Any]:
    """Return the next rows in the order of their keys: key, text, folded text."""
    rows = model._base_manager.order_by("pk").values_list("pk", field.source, field.name)
    return list((rows.filter(pk__gt=position) if position else rows)[:BATCH])


def _write(model: type[models.Model], field: FoldedField, keys: Sequence[object]) -> None:
    """Write the folded texts of these rows, as they are now.

    `updated_at` stays: nothing changes for the devices of the owner.
    """
    manager = model._base_manager
    locked = manager.filter(pk__in=keys).order_by("pk").select_for_update()
    for pk, text in list(locked.values_list("pk", field.source)):
        manager.filter(pk=pk).update(**{field.name: field.folded(text)})
