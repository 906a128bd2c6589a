"""The filter that every list of somebody's things has."""

from typing import Any, cast

from django.db.models import QuerySet

from accounts.models import User
from core.filters import FilterSet, IdFilter


class OwnerFilterSet(FilterSet):
    """`owner` says whose: mine without it, and with another's id what the viewer may see of theirs."""

    owner = IdFilter(method="keep", help_text="The id of the owner. Defaults to the caller.")

    def keep(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset  # filter_queryset has done it, as it must be done without the parameter too

    @property
    def viewer(self) -> User:
        return cast(User, self.request.user)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        owner = self.values["owner"]
        whose = {"owner": self.viewer} if owner is None else {"owner__uuid": owner}
        return super().filter_queryset(queryset.filter(**whose))
