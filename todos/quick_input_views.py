"""quick-inputs/"""

from datetime import date
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.credentials.views import SignedInMixin
from core.ranges import RangeSerializer, read_range
from core.responses import Response
from core.views import GenericViewSet
from resources.viewsets import OwnedViewSet
from todos.models import QuickInput
from todos.offers import offers_between
from todos.quick_input_filters import QuickInputFilterSet
from todos.quick_input_serializers import (
    ActivationSerializer,
    OfferListSerializer,
    OfferSerializer,
    QuickInputSerializer,
)
from todos.serializers import TodoSerializer

NOTHING = {204: OpenApiResponse(description="So it is now; it may have been so before.")}


class QuickInputViewSet(OwnedViewSet):
    """Quick inputs: templates that offer a todo on each day that matches. Changing or deleting one changes no todo."""

    model = QuickInput
    queryset = QuickInput.objects.none()
    serializer_class = QuickInputSerializer
    filterset_class = QuickInputFilterSet
    ordering = ("-created_at", "-id")
    singular, plural = "quick_input", "quick_inputs"


class OfferViewSet(SignedInMixin, GenericViewSet):
    """What becomes of offers. Each write holds the quick input's row, so that many devices may try at once."""

    queryset = QuickInput.objects.none()
    pagination_class = None
    parameters = {"read": ("date_from", "date_to")}
    bodyless = ("dismiss",)
    singular, plural = "offer", "offers"

    def locked(self, pk: UUID) -> QuickInput:
        try:
            return QuickInput.objects.locked(self.viewer, pk)
        except QuickInput.DoesNotExist as error:
            raise NotFound from error

    @extend_schema(operation_id="list_offers", parameters=[RangeSerializer], responses=OfferListSerializer)
    def read(self, request: Request) -> Response:
        """My offers from date_from to date_to (62 days at most), by date, time (those without one last), quick input.

        Past dates too, by the quick input as it is now. What was activated or dismissed is left out.
        """
        offers = OfferSerializer(offers_between(self.viewer, *read_range(request)), many=True).data
        return Response({"next": None, "previous": None, "results": offers})

    @extend_schema(
        request=ActivationSerializer,
        responses={
            200: OpenApiResponse(TodoSerializer, "It was there already: as it is now."),
            201: OpenApiResponse(TodoSerializer, "Made."),
        },
    )
    def activate(self, request: Request, pk: UUID, date: date) -> Response:
        """Make the offer a todo of its date, exactly once: again is 200 with the todo as it is, wherever it was moved.

        Its id is UUIDv5(namespace: the quick input's id, name: the date as YYYY-MM-DD).
        """
        body = ActivationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        self.viewer.lock()
        todo, created = self.locked(pk).activate(date, **body.validated_data)
        data = TodoSerializer(todo, context=self.get_serializer_context()).data
        return Response(data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @extend_schema(operation_id="put_back_todo", request=None, responses=NOTHING)
    def put_back(self, request: Request, pk: UUID, date: date) -> Response:
        """Make the todo an offer of its date again: the row goes, with its memo and cheers. Not once it is done."""
        self.locked(pk).put_back(date)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=NOTHING)
    def dismiss(self, request: Request, pk: UUID, date: date) -> Response:
        """Hide the offer on its date."""
        self.locked(pk).dismiss(date)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="undo_dismissal", request=None, responses=NOTHING)
    def undo_dismissal(self, request: Request, pk: UUID, date: date) -> Response:
        """Undo the dismissal: the offer is there again."""
        self.locked(pk).undo_dismissal(date)
        return Response(status=status.HTTP_204_NO_CONTENT)
