"""Filters of lists. A value that cannot be read is an error and never ignored.

The filters are declared with django-filter, from which the schema reads them. What it does for each
request (a form class, a copy of every filter) is not needed: `clean` reads the parameters and
`apply` filters the rows.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import django_filters
from django import forms
from django.db.models import F, Model, QuerySet, TextChoices, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core import fields
from core.model_fields import fold
from core.serializers import settle

M = TypeVar("M", bound=Model)


class FilterBackend(DjangoFilterBackend):
    """Describes the filters of a viewset's list in the schema, and applies them to it.

    Lists with a `list_query` apply them there.
    """

    def filter_queryset(self, request: Any, queryset: QuerySet[M], view: Any) -> QuerySet[M]:
        filterset_class = getattr(view, "filterset_class", None)
        if view.detail or filterset_class is None:
            return queryset
        clean = filterset_class.clean(request.query_params)
        rows: QuerySet[M] = filterset_class.apply(queryset, request.user, clean)
        return rows


class SerializerFormField(forms.Field):
    """Reads a parameter as a serializer field reads a body, with the same errors."""

    def __init__(self, field: serializers.Field[Any, Any, Any, Any], **kwargs: Any) -> None:
        self.field = field
        known = {name: value for name, value in kwargs.items() if name in ("required", "label")}
        super().__init__(**known)

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            return self.field.run_validation(value)
        except serializers.ValidationError as error:
            first = error.detail[0] if isinstance(error.detail, list) else error.detail
            code = getattr(first, "code", "invalid")
            raise forms.ValidationError(str(first), code=code) from error


class FieldFilter(django_filters.Filter):
    """A filter whose value is read by `serializer_field`."""

    serializer_field: type[serializers.Field[Any, Any, Any, Any]]
    field_arguments: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arguments: dict[str, Any] = {"help_text": kwargs.get("help_text")} | self.field_arguments
        field = settle(self.serializer_field(**arguments))
        self._field = SerializerFormField(field, required=False)
        set_override(self, "field", field)

    @property
    def field(self) -> forms.Field:
        return self._field

    def clean(self, text: str) -> Any:
        """Return the value of a parameter. Raise Django's ValidationError."""
        return self._field.clean(text)

    def select(self, rows: QuerySet[M], value: Any) -> QuerySet[M]:
        """Return the rows that this value of the filter selects."""
        condition = {f"{self.field_name}__{self.lookup_expr}": value}
        return rows.exclude(**condition) if self.exclude else rows.filter(**condition)


class IdFilter(FieldFilter):
    """An id. One that does not exist, or is hidden from the viewer, selects nothing."""

    serializer_field = fields.IdField


class DayFilter(FieldFilter):
    serializer_field = fields.DayField


class FilterSet(django_filters.FilterSet):
    """The base of every filter set.

    A filter's `method` names a static method `(rows, viewer, value)` that returns the selected rows.
    """

    @classmethod
    def clean(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the value of each filter, None for those that are not in the query.

        Raise ValidationError that names all invalid ones.
        """
        values: dict[str, Any] = {}
        errors = {}
        for name, item in cls.base_filters.items():  # type: ignore[attr-defined]  # set by the metaclass
            try:
                values[name] = item.clean(query[name]) if name in query else None
            except forms.ValidationError as error:
                errors[name] = [ErrorDetail(text, code=error.code) for text in error.messages]
        if errors:
            raise serializers.ValidationError(errors)
        cls.check(values)
        return values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Raise ValidationError for values that contradict each other."""

    @classmethod
    def apply(cls, rows: QuerySet[M], viewer: Any, values: Mapping[str, Any]) -> QuerySet[M]:
        """Return the rows that the cleaned values select. A pure function of its arguments."""
        for name, value in values.items():
            if value is None:
                continue
            item = cls.base_filters[name]  # type: ignore[attr-defined]  # as above
            method = getattr(cls, item.method or "", None)
            rows = method(rows, viewer, value) if method else item.select(rows, value)
        return rows


class DatedFilterSet(FilterSet):
    """For rows with a `date`: one date, or a range that includes both ends."""

    date = DayFilter()
    date_from = DayFilter(field_name="date", lookup_expr="gte")
    date_to = DayFilter(field_name="date", lookup_expr="lte")

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        first, last = values["date_from"], values["date_to"]
        if first and last and last < first:
            error = ErrorDetail(str(_("date_to is before date_from.")), code="out_of_order")
            raise serializers.ValidationError({"date_to": [error]})


class InstantFilter(FieldFilter):
    serializer_field = fields.InstantField


class EmojiFilter(FieldFilter):
    serializer_field = fields.EmojiField


@extend_schema_field(bool)
class FlagField(serializers.Field[bool, Any, bool, Any]):
    default_error_messages = {"invalid": _("Must be true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false"):
            self.fail("invalid")
        return bool(data == "true")


class FlagFilter(FieldFilter):
    """true or false in lower case."""

    serializer_field = FlagField


class ChoiceFilter(FieldFilter):
    """One of a model's choices; the value is the member of `enum`."""

    serializer_field = serializers.ChoiceField

    def __init__(self, *args: Any, enum: type[TextChoices], **kwargs: Any) -> None:
        self.enum = enum
        self.field_arguments = {"choices": enum.choices}
        super().__init__(*args, **kwargs)

    def clean(self, text: str) -> TextChoices:
        return self.enum(super().clean(text))


class TextFilter(FieldFilter):
    """Rows whose folded text contains this one. Case and Unicode form make no difference."""

    serializer_field = fields.StringField
    field_arguments = {"max_length": 200, "min_length": 1}

    def clean(self, text: str) -> str:
        return fold(super().clean(text))

    def select(self, rows: QuerySet[M], value: Any) -> QuerySet[M]:
        # Not `contains`, whose SQL escapes the value, and so differs between values and expressions.
        return rows.filter(GreaterThan(StrIndex(F(self.field_name), Value(value)), 0))
