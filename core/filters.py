"""Filters that refuse what they do not understand, where django-filter would pass over it in silence.

Their form fields are made once. django-filter makes a form class for each request and copies every filter for it.
"""

from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core import fields
from core.model_fields import fold
from core.serializers import settle
from core.tracing import require_no_trace

# Lookups whose SQL is the same for a value and for an expression.
COMPARISONS = {"exact", "gt", "gte", "lt", "lte", "isnull"}


def is_quick(filterset: Any) -> bool:
    """Whether all filters are of this module, so that no form is needed; others have django-filter's own way."""
    if not issubclass(filterset, FilterSet):
        return False
    return all(isinstance(item, FieldFilter) for item in filterset.base_filters.values())


class FilterBackend(DjangoFilterBackend):
    """django-filter's, for every list that names a `filterset_class`."""

    raise_exception = True

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        if filterset_class is None or not is_quick(filterset_class):
            filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
            return filtered
        values = getattr(request, "filter_values", None)  # of a query that is traced
        if values is None:
            values = filterset_class.clean(request.query_params)
        filterset: FilterSet = filterset_class(values, queryset, request=request)
        return filterset.filter_queryset(queryset)


class SerializerFormField(forms.Field):
    """Reads a parameter as the serializer field of the same kind reads a body, with the same errors."""

    def __init__(self, field: serializers.Field[Any, Any, Any, Any], **kwargs: Any) -> None:
        self.field = field
        super().__init__(**{name: value for name, value in kwargs.items() if name in ("required", "label")})

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            return self.field.run_validation(value)
        except serializers.ValidationError as error:
            first = error.detail[0] if isinstance(error.detail, list) else error.detail
            raise forms.ValidationError(str(first), code=getattr(first, "code", "invalid")) from error


class FieldFilter(django_filters.Filter):
    """A filter whose value has the form of `serializer_field`."""

    serializer_field: type[serializers.Field[Any, Any, Any, Any]]
    field_arguments: dict[str, Any] = {}
    # Whether the query has the same form whatever the value. Where it has not, as for true and false, there is a query
    # for each value, so there must be few of them.
    one_form: bool = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arguments: dict[str, Any] = {"help_text": kwargs.get("help_text")} | self.field_arguments
        self._field = SerializerFormField(settle(self.serializer_field(**arguments)), required=False)
        set_override(self, "field", self._field.field)

    @property
    def field(self) -> forms.Field:
        return self._field

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        if self.lookup_expr not in COMPARISONS:
            require_no_trace()  # the ORM makes another pattern of a value than of an expression
        return self.get_method(qs)(**{f"{self.field_name}__{self.lookup_expr}": value})  # type: ignore[no-any-return]  # a QuerySet


class IdFilter(FieldFilter):
    """Ids that are not there, or not to be seen, give an empty list: they are values, not choices."""

    serializer_field = fields.IdField


class DayFilter(FieldFilter):
    serializer_field = fields.DayField


class FilterSet(django_filters.FilterSet):
    """The base of every filter set. Its `filter_queryset` only hands values on, so that the query can be kept."""

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """With the values that `clean` gave, which are `data` here; or with those of django-filter's form."""
        if not is_quick(type(self)):
            self.check(self.values)
            filtered: QuerySet[Any] = super().filter_queryset(queryset)
            return filtered
        for name, value in self.data.items():
            if value is None:
                continue
            item = self.filters[name]
            keep = getattr(self, item.method) if isinstance(item.method, str) else None
            queryset = item.filter(queryset, value) if keep is None else keep(queryset, item.field_name, value)
        return queryset

    @property
    def values(self) -> Mapping[str, Any]:
        """The clean value of each filter, None where it is not asked for."""
        clean: Mapping[str, Any] = self.data if is_quick(type(self)) else self.form.cleaned_data
        return clean

    @classmethod
    def clean(cls, query: Mapping[str, str]) -> dict[str, Any]:
        """The value of each filter, None where it is not asked for. Raises ValidationError that names all bad ones."""
        values: dict[str, Any] = {}
        errors = {}
        for name, item in cls.base_filters.items():  # type: ignore[attr-defined]  # set by the metaclass
            try:
                values[name] = item.field.clean(query[name]) if name in query else None
            except forms.ValidationError as error:
                errors[name] = [ErrorDetail(message, code=error.code) for message in error.messages]
        if errors:
            raise serializers.ValidationError(errors)
        cls.check(values)
        return values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Raise ValidationError for values that do not go together."""


class DatedFilterSet(FilterSet):
    """For rows with a `date`: one date, or a range with both ends counted."""

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
    one_form = False


class WordFilter(FieldFilter):
    """One of a model's choices."""

    serializer_field = serializers.ChoiceField
    one_form = False

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        self.field_arguments = {"choices": choices}
        super().__init__(*args, **kwargs)


class TextFilter(FieldFilter):
    """Rows whose folded text contains this one, whatever the case and the Unicode form."""

    serializer_field = fields.StringField
    field_arguments = {"max_length": 200, "min_length": 1}

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__contains": fold(value)})
