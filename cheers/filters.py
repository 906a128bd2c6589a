"""Filters of the list of cheers."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from cheers.models import Cheer, CheerQuerySet
from core.filters import FilterSet, FlagFilter, IdFilter, InstantFilter


class CheerFilterSet(FilterSet):
    """Those I gave; with `received` those on what is mine; with `todo` or `diary` all on that one."""

    todo = IdFilter()
    diary = IdFilter()
    received = FlagFilter(
        method="received_or_given", help_text="true: only cheers on the caller's todos and diaries."
    )
    after = InstantFilter(
        field_name="created_at", lookup_expr="gt", help_text="Only cheers given after this time."
    )

    class Meta:
        model = Cheer
        fields: list[str] = []

    @classmethod
    def apply(cls, rows: Any, viewer: User, values: Mapping[str, Any]) -> Any:
        # Without any of the three, the cheers that the viewer gave.
        received = bool(values["received"])
        named = values["todo"] is not None or values["diary"] is not None
        return super().apply(
            rows, viewer, {**values, "received": received or (None if named else False)}
        )

    @staticmethod
    def received_or_given(rows: CheerQuerySet, viewer: User, received: bool) -> CheerQuerySet:
        return rows.received_by(viewer) if received else rows.of(viewer)
