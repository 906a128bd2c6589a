"""Filters of the search for people."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework.fields import empty

from accounts.models import FOUND_AT_MOST, User, UserQuerySet
from accounts.names import search_form, search_ranges
from core.exceptions import field_error
from core.fields import SOME_TEXT_PATTERN, StringField
from core.filters import FieldFilter, FilterSet

SHORTEST_SEARCH = 2
LONGEST_SEARCH = 31  # a handle of 30 characters, and the @ before it


@extend_schema_field(
    {
        "type": "string",
        "minLength": SHORTEST_SEARCH,
        "maxLength": LONGEST_SEARCH,
        "pattern": SOME_TEXT_PATTERN,
    }
)
class SearchField(StringField):
    """The start of a name. Case, Unicode form, surrounding spaces and a leading @ are ignored."""

    default_error_messages = {"min_length": _("Enter at least two characters.")}

    def run_validation(self, data: object = empty) -> Any:
        if data == "":
            self.fail("required")  # as if the parameter was not given
        return super().run_validation(data)

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(data)
        # If `data` itself is too short, the validator of `min_length` refuses it.
        if len(text) >= SHORTEST_SEARCH > len(search_form(text)):
            self.fail("min_length")
        return text


class SearchFilter(FieldFilter):
    serializer_field = SearchField
    field_arguments = {
        "min_length": SHORTEST_SEARCH,
        "max_length": LONGEST_SEARCH,
        "trim_whitespace": False,
    }

    def clean(self, text: str) -> tuple[tuple[str, str], ...]:
        """Return the ranges of the names that begin with the text."""
        return search_ranges(super().clean(text))


class HandleFilter(FieldFilter):
    serializer_field = StringField
    field_arguments = {"max_length": 100}

    def clean(self, text: str) -> str:
        return search_form(super().clean(text))


class PeopleFilterSet(FilterSet):
    """Search by the start of a name or by the whole handle.

    One of the two is required, so that nobody can list everyone.
    """

    q = SearchFilter(
        method="search",
        help_text="The start of the handle or nickname. Either `q` or `handle` is required. Finds "
        f"the first {FOUND_AT_MOST} people by handle, and as many by nickname.",
    )
    handle = HandleFilter(
        method="with_handle", help_text="The exact handle. Finds people who are not searchable too."
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        if values["q"] is None and values["handle"] is None:
            raise field_error("q", _("Provide q or handle."), "required")

    @staticmethod
    def search(people: UserQuerySet, viewer: User, keys: list[int]) -> UserQuerySet:
        """Return those of the people whom `find_by_name` has found for the value of `q`."""
        return people.filter(pk__in=keys)

    @staticmethod
    def with_handle(people: UserQuerySet, viewer: User, handle: str) -> UserQuerySet:
        return people.with_handle(handle)
