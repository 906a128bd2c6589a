"""Views of days and calendars."""

import datetime as dt  # `date` is a part of the path
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.credentials.views import SignedInView
from accounts.models import User
from core.responses import Response
from core.serializers import Serializer
from days.queries import read_calendar, read_day
from days.serializers import (
    CalendarQuerySerializer,
    CalendarSerializer,
    DaySerializer,
    OwnerQuerySerializer,
)


class ComposedView(SignedInView):
    """The base of reads over several apps."""

    query_serializer: type[Serializer]

    def read_query(self) -> dict[str, Any]:
        query = self.query_serializer(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)

    def allowed_parameters(self) -> set[str]:
        return set(self.query_serializer().fields)

    def get_owner(self, pk: UUID | None) -> User:
        """Return the person with this id, or the viewer if it is None.

        Raise NotFound if the person does not exist for the viewer.
        """
        if pk is None or pk == self.viewer.uuid:
            return self.viewer
        person: User | None = User.objects.seen_by(self.viewer).with_profile().with_uuid(pk).first()
        if person is None:
            raise NotFound
        return person


class DayView(ComposedView):
    query_serializer = OwnerQuerySerializer
    operation_ids = {"GET": "get_day"}

    @extend_schema(parameters=[OwnerQuerySerializer], responses={200: DaySerializer})
    def get(self, request: Request, date: dt.date) -> Response:
        """Return one day in one call: goals with their todos, the diary, and the cheers.

        The caller's own day also has offers and alarms. The day of another person has the same
        shape and contains what the caller can see. The answer is 404 if the caller cannot see the
        person.
        """
        return self.day_response(date)

    def day_response(self, date: dt.date | None = None) -> Response:
        owner = self.get_owner(self.read_query().get("owner"))
        day = read_day(self.viewer, owner, date)
        return Response(DaySerializer(day, context={"request": self.request}).data)


class TodayView(DayView):
    operation_ids = {"GET": "get_today"}

    @extend_schema(parameters=[OwnerQuerySerializer], responses={200: DaySerializer})
    def get(self, request: Request) -> Response:  # type: ignore[override]  # no date
        """Return the owner's current day.

        The date depends on the owner's time zone and on the hour at which their day starts.
        """
        return self.day_response()


class CalendarView(ComposedView):
    query_serializer = CalendarQuerySerializer
    operation_ids = {"GET": "get_calendar"}

    @extend_schema(parameters=[CalendarQuerySerializer], responses={200: CalendarSerializer})
    def get(self, request: Request) -> Response:
        """Return a month, or a range of up to 62 days.

        Each date has the progress of each goal's todos, the mood of the diary and the number of
        cheers received.
        """
        query = self.read_query()
        owner = self.get_owner(query.get("owner"))
        calendar = read_calendar(self.viewer, owner, query["date_from"], query["date_to"])
        return Response(CalendarSerializer(calendar).data)
