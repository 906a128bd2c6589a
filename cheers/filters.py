"""Filters of the list of cheers."""

from typing import Any, cast

from accounts.models import User
from cheers.models import Cheer, CheerQuerySet
from core.filters import FilterSet, FlagFilter, IdFilter, InstantFilter


class CheerFilterSet(FilterSet):
    """Those I gave; with `received` those on what is mine; with `todo` or `diary` all on that one."""

    todo = IdFilter()
    diary = IdFilter()
    received = FlagFilter(method="keep", help_text="true: only cheers on the caller's todos and diaries.")
    after = InstantFilter(field_name="created_at", lookup_expr="gt", help_text="Only cheers given after this time.")

    class Meta:
        model = Cheer
        fields: list[str] = []

    def keep(self, queryset: CheerQuerySet, name: str, value: bool) -> CheerQuerySet:
        return queryset  # filter_queryset has done it, as its absence counts too

    def filter_queryset(self, queryset: Any) -> Any:
        viewer, asked = cast(User, self.request.user), self.values
        if asked["received"]:
            queryset = queryset.received_by(viewer)
        elif asked["todo"] is None and asked["diary"] is None:
            queryset = queryset.of(viewer)
        return super().filter_queryset(queryset)
