"""Filters of lists. An invalid value is an error and is never ignored.

The filters are declared with django-filter, from which the schema reads them. Its work for each
request (a form class, a copy of every filter) is not needed: `clean` reads the parameters and
`apply` filters the rows.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, TypeVar

import django_filters
from django.db.models import F, Q, QuerySet, TextChoices, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from core import fields
from core.exceptions import field_error
from core.model_fields import forms
from core.serializers import make_reusable

if TYPE_CHECKING:  # it reads the settings of DRF, which name this module
    from rest_framework.viewsets import GenericViewSet

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


class FilterBackend(DjangoFilterBackend):
    """Describe the filters of a viewset's list in the schema.

    A list with a `list_query`, as each of this project has, applies them there and does not call
    `filter_queryset`, which serves DRF's own list action.
    """

    def filter_queryset(self, request: Request, queryset: Rows, view: "GenericViewSet") -> Rows:
        filterset_class: type[FilterSet] | None = getattr(view, "filterset_class", None)
        if view.detail or filterset_class is None:
            return queryset
        values = filterset_class.clean(request.query_params)
        return filterset_class.apply(queryset, request.user, values)


class FieldFilter(django_filters.Filter):
    """A filter that validates its value with `serializer_field`."""

    serializer_field: type[serializers.Field]
    field_arguments: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arguments: dict[str, Any] = {"help_text": kwargs.get("help_text")} | self.field_arguments
        self.parameter = make_reusable(self.serializer_field(**arguments))
        set_override(self, "field", self.parameter)  # which the schema describes

    def clean(self, text: str) -> Any:
        """Return the value of the parameter. Raise ValidationError."""
        return self.parameter.run_validation(text)

    def select(self, rows: Rows, value: object) -> Rows:
        """Return the rows that match the value of this filter."""
        condition = {f"{self.field_name}__{self.lookup_expr}": value}
        return rows.exclude(**condition) if self.exclude else rows.filter(**condition)


class IdFilter(FieldFilter):
    """An id. If there is no row with it, or the viewer cannot see that row, nothing matches."""

    serializer_field = fields.IdField


class DayFilter(FieldFilter):
    serializer_field = fields.DayField


class FilterSet(django_filters.FilterSet):
    """The base of every filter set.

    A filter's `method` names a static method `(rows, viewer, value)` that returns matching rows.
    """

    @classmethod
    def clean(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the value of each filter, or None if it is not in the query.

        Raise ValidationError that names all invalid parameters.
        """
        values: dict[str, Any] = {}
        errors = {}
        # django-filter's metaclass sets `base_filters`.
        filters: Mapping[str, FieldFilter] = cls.base_filters  # type: ignore[attr-defined]  # as above
        for name, item in filters.items():
            try:
                values[name] = item.clean(query[name]) if name in query else None
            except serializers.ValidationError as error:
                errors[name] = list(error.detail)[:1]  # one error per parameter
        if errors:
            raise serializers.ValidationError(errors)
        cls.check(values)
        return values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Raise ValidationError for values that contradict each other."""

    @classmethod
    def apply(cls, rows: Rows, viewer: Any, values: Mapping[str, Any]) -> Rows:
        """Return the rows that match the cleaned values. A pure function of its arguments."""
        for name, value in values.items():
            if value is None:
                continue
            item = cls.base_filters[name]  # type: ignore[attr-defined]  # as above
            method = getattr(cls, item.method or "", None)
            rows = method(rows, viewer, value) if method else item.select(rows, value)
        return rows


class DatedFilterSet(FilterSet):
    """Filters of rows with a `date`: one date, or a range that includes both ends."""

    date = DayFilter(help_text="Only this date.")
    date_from = DayFilter(field_name="date", lookup_expr="gte", help_text="Only from this date on.")
    date_to = DayFilter(
        field_name="date",
        lookup_expr="lte",
        help_text="Only up to this date, inclusive.",
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        first, last = values["date_from"], values["date_to"]
        if first and last and last < first:
            raise field_error("date_to", _("date_to is before date_from."), "out_of_order")


class InstantFilter(FieldFilter):
    serializer_field = fields.InstantField


class EmojiFilter(FieldFilter):
    serializer_field = fields.EmojiField


@extend_schema_field(bool)
class FlagParameter(serializers.Field[bool, Any, bool, Any]):
    """true or false in lower case, as a query parameter."""

    default_error_messages = {"invalid": _("Must be true or false.")}

    def to_internal_value(self, data: object) -> bool:
        if data not in ("true", "false"):
            self.fail("invalid")
        return data == "true"


class FlagFilter(FieldFilter):
    """true or false in lower case, for a boolean column, `lookup_expr="isnull"` or a `method`."""

    serializer_field = FlagParameter


class ChoiceFilter(FieldFilter):
    """One of a model's choices. The value is a member of `enum`."""

    serializer_field = fields.ChoiceField

    def __init__(self, *args: Any, enum: type[TextChoices], **kwargs: Any) -> None:
        self.enum = enum
        self.field_arguments = {"choices": enum.choices}
        super().__init__(*args, **kwargs)

    def clean(self, text: str) -> TextChoices:
        return self.enum(super().clean(text))


class TextFilter(FieldFilter):
    """A part of a folded text. Case and Unicode form are ignored. The value is its forms."""

    serializer_field = fields.StringField
    field_arguments = {"max_length": 200, "min_length": 1}

    def clean(self, text: str) -> tuple[str, ...]:
        found = forms(super().clean(text))
        if not all(form.strip() for form in found):
            self.parameter.fail("required")  # only characters that show nothing: all rows have them
        return found

    def select(self, rows: Rows, value: Sequence[str]) -> Rows:  # type: ignore[override]  # forms
        # Not `contains`: it escapes the value, so its SQL differs between values and expressions.
        column = F(self.field_name)
        found = [GreaterThan(StrIndex(column, Value(form)), 0) for form in value]
        return rows.filter(reduce(or_, map(Q, found)) if len(found) > 1 else found[0])
