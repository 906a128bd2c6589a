"""Filters of the list of cheers."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from cheers.models import CheerQuerySet
from core.filters import FilterSet, FlagFilter, IdFilter, InstantFilter, Rows


class CheerFilterSet(FilterSet):
    """Filters of cheers: by default those that the viewer gave."""

    todo = IdFilter(help_text="All cheers on this todo, of everyone.")
    diary = IdFilter(help_text="All cheers on this diary, of everyone. Not with `todo`.")
    received = FlagFilter(
        method="received_or_given", help_text="true: only cheers on the caller's todos and diaries."
    )
    after = InstantFilter(
        field_name="created_at", lookup_expr="gt", help_text="Only cheers given after this time."
    )

    @classmethod
    def apply(cls, rows: Rows, viewer: User, values: Mapping[str, Any]) -> Rows:
        """Return the cheers on `todo` or `diary`, those that the viewer received, or those given.

        `received=false` is the same as no `received`.
        """
        has_target = values["todo"] is not None or values["diary"] is not None
        received = True if values["received"] else None if has_target else False
        return super().apply(rows, viewer, {**values, "received": received})

    @staticmethod
    def received_or_given(rows: CheerQuerySet, viewer: User, received: bool) -> CheerQuerySet:
        return rows.received_by(viewer) if received else rows.of(viewer)
