"""The filter by owner."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from core.filters import FilterSet, IdFilter, Rows


class OwnerFilterSet(FilterSet):
    """Filter by `owner`; without it, only the viewer's own rows are listed."""

    owner = IdFilter(
        field_name="owner__uuid", help_text="The id of the owner. Defaults to the caller."
    )

    @classmethod
    def apply(cls, rows: Rows, viewer: User | None, values: Mapping[str, Any]) -> Rows:
        if values["owner"] is None and viewer is None:
            rows = rows.none()  # a reader without an account has no rows
        elif values["owner"] is None:
            rows = rows.of(viewer)  # type: ignore[attr-defined]  # rows with an owner
        return super().apply(rows, viewer, values)
