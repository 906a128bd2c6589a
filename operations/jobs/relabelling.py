"""Make posts of the diaries of before there were posts, and label what a former release wrote.

A pass reads all diaries by their keys, keeps its place, and writes those only that differ from what
`Diary.add` and `Diary.edit` would have made of them: a diary that others may see is published as of
its creation, one that they may not has no number, and posts have the labels of their texts. The
release before may write diaries until it is replaced, so there is a second pass a day later. Until
then a diary is only not found among posts; the visibility rule holds regardless.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from core import clock
from core.model_fields import FOLDING
from core.problems import Problem
from core.transactions import run_write
from diaries.models import Diary, Labelled
from operations.jobs.models import Refolding
from operations.jobs.refolding import BATCH, LOCKED, is_pass_due

logger = logging.getLogger(__name__)

# Raise it when hashtags are read in another way, so that all posts are labelled again.
RULES = 1
VERSION = 100 * RULES + FOLDING  # labels are folded


def state() -> Refolding:
    """Return the progress, anew after a change of the rules."""
    return Refolding.named("diaries.labels", VERSION)


def is_due(now: datetime) -> bool:
    """Return whether a pass has to begin or to go on."""
    return is_pass_due(state(), now)


def relabel(*, again: bool = False) -> int:
    """Make or complete the pass that is due, or one over all diaries. Return the number changed."""
    progress = state()
    if again:
        progress.begin_anew()
    elif not is_pass_due(progress, clock.now()):
        return 0
    total = 0
    while diaries := _diaries_after(progress.position):
        stale = _stale(diaries)
        for at in range(0, len(stale), LOCKED):
            _bring_up_to_date(stale[at : at + LOCKED])
        total += len(stale)
        progress.move_to(diaries[-1].pk)
    _drop_labels_of_deleted_posts()
    progress.end(clock.now())
    logger.info("%s diaries published, hidden or labelled", total)
    return total


def _diaries_after(position: str) -> list[Diary]:
    rows = Diary.objects.order_by("pk")
    return list((rows.filter(pk__gt=position) if position else rows)[:BATCH])


def _stale(diaries: Sequence[Diary]) -> list[UUID]:
    """Return the keys of those that are not as they would be written now."""
    held = Labelled.objects.labels_of([d.post for d in diaries if d.post is not None])
    return [d.pk for d in diaries if not d.is_up_to_date(held.get(d.post or 0, set()))]


def _bring_up_to_date(keys: Sequence[UUID]) -> None:
    """Bring these diaries up to date in one transaction, or each in its own.

    Many diaries of one moment may want the numbers of each other again and again.
    """
    try:
        run_write(partial(_write, keys))
    except Problem as problem:
        if problem.code != "duplicate" or len(keys) == 1:
            raise
        for key in keys:
            run_write(partial(_write, [key]))


def _write(keys: Sequence[UUID]) -> None:
    """Bring these diaries up to date, as they are now.

    `updated_at` stays: nobody has changed them.
    """
    for diary in Diary.objects.filter(pk__in=keys).order_by("pk").select_for_update():
        diary.bring_up_to_date()


def _drop_labels_of_deleted_posts() -> None:
    """Delete the labels that are left where a release that does not know them deleted a post."""
    last: tuple[UUID, int] | None = None
    while rows := Labelled.objects.after(last, BATCH):
        posts = {post for _label, post in rows}
        known = set(Diary.objects.filter(post__in=posts).values_list("post", flat=True))
        if gone := posts - known:
            run_write(Labelled.objects.of_posts(gone).delete)
        last = rows[-1]
