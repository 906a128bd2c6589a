"""Filters that refuse what they do not understand, where django-filter would pass over it in silence."""

import copy
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

from todomate.api import fields
from todomate.api.model_fields import fold


class FilterBackend(DjangoFilterBackend):
    """django-filter's, for every list that names a `filterset_class`."""

    raise_exception = True


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
        except serializers.ValidationError:
            # DRF keeps a message in the language in which it was first said: a fresh copy says it in the caller's.
            return self.refuse(copy.deepcopy(self.field), value)

    def refuse(self, field: serializers.Field[Any, Any, Any, Any], value: Any) -> Any:
        try:
            return field.run_validation(value)
        except serializers.ValidationError as error:
            first = error.detail[0] if isinstance(error.detail, list) else error.detail
            # django-filter formats the message once more, and it may quote what was sent.
            message = str(first).replace("%", "%%")
            raise forms.ValidationError(message, code=getattr(first, "code", "invalid")) from error


class FieldFilter(django_filters.Filter):
    """A filter whose value has the form of `serializer_field`."""

    serializer_field: type[serializers.Field[Any, Any, Any, Any]]
    field_arguments: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arguments: dict[str, Any] = {"help_text": kwargs.get("help_text")} | self.field_arguments
        self._field = SerializerFormField(self.serializer_field(**arguments), required=False)
        set_override(self, "field", self._field.field)

    @property
    def field(self) -> forms.Field:
        return self._field


class IdFilter(FieldFilter):
    """Ids that are not there, or not to be seen, give an empty list: they are values, not choices."""

    serializer_field = fields.IdField


class DayFilter(FieldFilter):
    serializer_field = fields.DayField


class DatedFilterSet(django_filters.FilterSet):
    """For rows with a `date`: one date, or a range with both ends counted."""

    date = DayFilter()
    date_from = DayFilter(field_name="date", lookup_expr="gte")
    date_to = DayFilter(field_name="date", lookup_expr="lte")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self.form.cleaned_data[name] for name in ("date_from", "date_to"))
        if first and last and last < first:
            error = ErrorDetail(str(_("date_to is before date_from.")), code="out_of_order")
            raise serializers.ValidationError({"date_to": [error]})
        filtered: QuerySet[Any] = super().filter_queryset(queryset)
        return filtered


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


class WordFilter(FieldFilter):
    """One of a model's choices."""

    serializer_field = serializers.ChoiceField

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        self.field_arguments = {"choices": choices}
        super().__init__(*args, **kwargs)


class TextFilter(FieldFilter):
    """Rows whose folded text contains this one, whatever the case and the Unicode form."""

    serializer_field = fields.StringField
    field_arguments = {"max_length": 200, "min_length": 1}

    def filter(self, qs: QuerySet[Any], value: str | None) -> QuerySet[Any]:
        return qs if value is None else qs.filter(**{f"{self.field_name}__contains": fold(value)})
