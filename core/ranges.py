"""A range of dates in the query string, for computed results that are not paginated."""

from datetime import date

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from core.exceptions import field_error
from core.fields import DayField
from core.serializers import Serializer

MAX_DAYS = 62


class RangeSerializer(Serializer):
    """A range that includes both dates."""

    date_from = DayField(help_text="The first date.")
    date_to = DayField(
        help_text=_("Must not be before date_from. The range must not exceed 62 days.")
    )

    def validate(self, attrs: dict[str, date]) -> dict[str, date]:
        days = (attrs["date_to"] - attrs["date_from"]).days + 1
        if days < 1:
            raise field_error("date_to", _("This date is before date_from."), "out_of_order")
        if days > MAX_DAYS:
            raise field_error("date_to", _("The range must not exceed 62 days."), "too_long")
        return attrs


def read_range(request: Request) -> tuple[date, date]:
    """Return the first and the last date of the query string. Raise ValidationError."""
    query = RangeSerializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return query.validated_data["date_from"], query.validated_data["date_to"]
