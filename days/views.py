"""days/, calendar/"""

import datetime as dt  # not its names: `date` is a part of the path
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.credentials.views import SignedInView
from accounts.models import User
from core.exceptions import CONTENT_TYPE
from core.responses import Response
from core.serializers import Serializer
from days.queries import read_calendar, read_day
from days.serializers import CalendarQuerySerializer, CalendarSerializer, DaySerializer, WhoseSerializer

# Every other path without an id in it has no 404.
NOT_FOUND = {(404, CONTENT_TYPE): OpenApiResponse({"$ref": "#/components/schemas/Problem"}, "`not_found`")}


class ComposedView(SignedInView):
    """The base of reads over several apps."""

    query_serializer: type[Serializer]

    def read_query(self) -> dict[str, Any]:
        query = self.query_serializer(data=self.request.query_params.dict())
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)

    def allowed_parameters(self) -> set[str]:
        return set(self.query_serializer().fields)

    def owner(self, pk: UUID | None) -> User:
        """The person with this id, the viewer without one. Raises NotFound for who does not exist for the viewer."""
        if pk is None or pk == self.viewer.uuid:
            return self.viewer
        person: User | None = User.objects.seen_by(self.viewer).with_profile().with_uuid(pk).first()
        if person is None:
            raise NotFound
        return person


class DayView(ComposedView):
    query_serializer = WhoseSerializer
    operation_ids = {"GET": "get_day"}
    tag = "days"

    @extend_schema(parameters=[WhoseSerializer], responses={200: DaySerializer} | NOT_FOUND)
    def get(self, request: Request, date: dt.date) -> Response:
        """One screen in one call: a date's goals with their todos, its diary, their cheers; mine with offers, alarms.

        Another's has the same shape with what they show to me. 404 for a person who does not exist for me.
        """
        return self.answer(date)

    def answer(self, date: dt.date | None = None) -> Response:
        owner = self.owner(self.read_query().get("owner"))
        day = read_day(self.viewer, owner, date)
        return Response(DaySerializer(day, context={"request": self.request}).data)


class TodayView(DayView):
    operation_ids = {"GET": "get_today"}

    @extend_schema(parameters=[WhoseSerializer], responses={200: DaySerializer} | NOT_FOUND)
    def get(self, request: Request) -> Response:  # type: ignore[override]  # the path names no date
        """The same for the date it is now in the owner's life, by their time zone and the hour their day starts at."""
        return self.answer()


class CalendarView(ComposedView):
    query_serializer = CalendarQuerySerializer
    operation_ids = {"GET": "get_calendar"}
    tag = "calendar"

    @extend_schema(parameters=[CalendarQuerySerializer], responses={200: CalendarSerializer} | NOT_FOUND)
    def get(self, request: Request) -> Response:
        """A month, or up to 62 days: by date, how far each goal's todos are, the diary's mood, the cheers received."""
        query = self.read_query()
        owner = self.owner(query.get("owner"))
        calendar = read_calendar(self.viewer, owner, query["date_from"], query["date_to"])
        return Response(CalendarSerializer(calendar).data)
