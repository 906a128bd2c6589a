"""How people are found."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty

from accounts.models import User, UserQuerySet
from accounts.names import range_of_prefix, search_form
from core.fields import SOME_TEXT_PATTERN, StringField
from core.filters import FieldFilter, FilterSet

SHORTEST_SEARCH, LONGEST_SEARCH = 2, 31  # a whole handle, and the @ before it


@extend_schema_field(
    {
        "type": "string",
        "minLength": SHORTEST_SEARCH,
        "maxLength": LONGEST_SEARCH,
        "pattern": SOME_TEXT_PATTERN,
    }
)
class SearchField(StringField):
    """What a name begins with. Case and Unicode form make no difference, nor do spaces and the @ around it."""

    default_error_messages = {"min_length": _("Enter at least two characters.")}

    def run_validation(self, data: Any = empty) -> Any:
        if data == "":
            self.fail("required")  # the same as when it is not there
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(data) >= SHORTEST_SEARCH > len(search_form(text)):
            self.fail("min_length")
        return text


class SearchFilter(FieldFilter):
    serializer_field = SearchField
    field_arguments = {
        "min_length": SHORTEST_SEARCH,
        "max_length": LONGEST_SEARCH,
        "trim_whitespace": False,
    }

    def clean(self, text: str) -> tuple[str, str]:
        """Return the range of the names that begin with a text."""
        return range_of_prefix(search_form(super().clean(text)))


class HandleFilter(FieldFilter):
    serializer_field = StringField
    field_arguments = {"max_length": 100}

    def clean(self, text: str) -> str:
        return search_form(super().clean(text))


class PeopleFilterSet(FilterSet):
    """By the beginning of a name, or by the whole handle; one of the two must be there: nobody lists everyone."""

    q = SearchFilter(
        method="search",
        help_text="The start of the handle or nickname. Either `q` or `handle` is required.",
    )
    handle = HandleFilter(
        method="with_handle", help_text="The exact handle. Finds people who are not searchable too."
    )

    class Meta:
        model = User
        fields: list[str] = []

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        if values["q"] is None and values["handle"] is None:
            raise serializers.ValidationError(
                {"q": [ErrorDetail(str(_("Provide q or handle.")), code="required")]}
            )

    @staticmethod
    def search(people: UserQuerySet, viewer: User, names: tuple[str, str]) -> UserQuerySet:
        return people.search(names)

    @staticmethod
    def with_handle(people: UserQuerySet, viewer: User, handle: str) -> UserQuerySet:
        return people.with_handle(handle)
