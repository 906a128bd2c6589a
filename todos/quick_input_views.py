"""Views of quick inputs and their offers."""

from datetime import date
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.credentials.views import ViewerMixin
from core.ranges import RangeSerializer, read_range
from core.responses import Response
from core.views import GenericViewSet
from resources.viewsets import OwnedViewSet
from todos.models import QuickInput
from todos.offers import Offer, offers_between
from todos.quick_input_filters import QuickInputFilterSet
from todos.quick_input_serializers import (
    ActivationSerializer,
    OfferListSerializer,
    OfferSerializer,
    QuickInputSerializer,
)
from todos.serializers import TodoSerializer

# What tells of other pages.
ONE_PAGE = ("next", "previous", "next_cursor", "previous_cursor")
NOTHING = {204: OpenApiResponse(description="Done. Repeating the request has no further effect.")}


class QuickInputViewSet(OwnedViewSet):
    """Quick inputs: templates that offer a todo on each matching date.

    Changing or deleting one does not change existing todos.
    """

    model = QuickInput
    queryset = QuickInput.objects.none()
    serializer_class = QuickInputSerializer
    filterset_class = QuickInputFilterSet
    ordering = ("-created_at", "-id")
    singular, plural = "quick_input", "quick_inputs"


class OfferViewSet(ViewerMixin, GenericViewSet):
    """List, activate and dismiss offers.

    Each write locks the row of the quick input, so that concurrent requests run in turn.
    """

    queryset = QuickInput.objects.none()
    pagination_class = None
    parameters = {"read": ("date_from", "date_to")}
    bodyless = ("dismiss",)
    singular, plural = "offer", "offers"

    def locked_offer(self, pk: UUID, date: date) -> Offer:
        """Lock the quick input and return its offer of this date. Raise NotFound."""
        try:
            return Offer(QuickInput.objects.locked(self.viewer, pk), date)
        except QuickInput.DoesNotExist as error:
            raise NotFound from error

    @extend_schema(
        operation_id="list_offers", parameters=[RangeSerializer], responses=OfferListSerializer
    )
    def read(self, request: Request) -> Response:
        """List the caller's offers from date_from to date_to, a range of up to 62 days.

        They are sorted by date, time (those without a time last) and quick input. Offers on past
        dates follow the current quick input. Activated and dismissed offers are left out.
        """
        offers = OfferSerializer(offers_between(self.viewer, *read_range(request)), many=True).data
        return Response(dict.fromkeys(ONE_PAGE) | {"results": offers})

    @extend_schema(
        request=ActivationSerializer,
        responses={
            200: OpenApiResponse(
                TodoSerializer, "The todo already exists. With `is_done: true` it is now done."
            ),
            201: OpenApiResponse(TodoSerializer, "Created."),
        },
    )
    def activate(self, request: Request, pk: UUID, date: date) -> Response:
        """Turn the offer into a todo on its date.

        Repeating the request answers 200 with the existing todo, even if it was moved to another
        date; `is_done: true` checks it if it is not done. Its id is UUIDv5(namespace: the quick
        input's id, name: the date as YYYY-MM-DD).
        """
        body = self.read_body(ActivationSerializer)
        self.viewer.lock()
        todo, created = self.locked_offer(pk, date).activate(**body)
        data = TodoSerializer(todo, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @extend_schema(operation_id="put_back_todo", request=None, responses=NOTHING)
    def put_back(self, request: Request, pk: UUID, date: date) -> Response:
        """Turn the todo back into an offer on its date.

        The todo is deleted with its memo and cheers. A todo that is done cannot be put back.
        """
        self.locked_offer(pk, date).put_back()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=NOTHING)
    def dismiss(self, request: Request, pk: UUID, date: date) -> Response:
        """Dismiss the offer, which hides it."""
        self.locked_offer(pk, date).dismiss()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="undo_dismissal", request=None, responses=NOTHING)
    def undo_dismissal(self, request: Request, pk: UUID, date: date) -> Response:
        """Undo the dismissal, which shows the offer again."""
        self.locked_offer(pk, date).undo_dismissal()
        return Response(status=status.HTTP_204_NO_CONTENT)
