"""A range of dates in the query, for what is computed and so has no pages."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from core.fields import DayField
from core.serializers import Serializer

MAX_DAYS = 62


class RangeSerializer(Serializer):
    """Both dates count."""

    date_from = DayField()
    date_to = DayField(
        help_text=_("Must not be before date_from. The range must not exceed 62 days.")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        days = (attrs["date_to"] - attrs["date_from"]).days + 1
        if days < 1:
            raise serializers.ValidationError(
                {
                    "date_to": [
                        ErrorDetail(str(_("This date is before date_from.")), code="out_of_order")
                    ]
                }
            )
        if days > MAX_DAYS:
            error = ErrorDetail(str(_("The range must not exceed 62 days.")), code="too_long")
            raise serializers.ValidationError({"date_to": [error]})
        return attrs


def read_range(request: Request) -> tuple[date, date]:
    """The first and the last date that the query asks for. Raises ValidationError."""
    query = RangeSerializer(
        data={name: request.query_params.get(name) for name in request.query_params}
    )
    query.is_valid(raise_exception=True)
    return query.validated_data["date_from"], query.validated_data["date_to"]
