"""The filter of lists of other people's rows."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from accounts.models import User
from core.filters import FilterSet, IdFilter

M = TypeVar("M", bound=Model)


class OwnerFilterSet(FilterSet):
    """The viewer's own rows, or those of another `owner`."""

    owner = IdFilter(
        field_name="owner__uuid", help_text="The id of the owner. Defaults to the caller."
    )

    @classmethod
    def apply(cls, rows: QuerySet[M], viewer: User, values: Mapping[str, Any]) -> QuerySet[M]:
        if values["owner"] is None:
            rows = rows.filter(owner=viewer)
        return super().apply(rows, viewer, values)
