"""Views of diaries."""

from typing import Any

from rest_framework.request import Request

from accounts.credentials.views import OpenToReadersMixin
from accounts.models import User
from core.responses import Response
from diaries.enrichment import enrich
from diaries.filters import DiaryFilterSet
from diaries.models import Diary
from diaries.serializers import DiarySerializer
from resources.viewsets import OwnedViewSet


class DiaryViewSet(OpenToReadersMixin, OwnedViewSet):
    """Diaries: one entry per person and date. A second one for a date gets 409 `duplicate`."""

    model = Diary
    queryset = Diary.objects.none()
    serializer_class = DiarySerializer
    filterset_class = DiaryFilterSet
    ordering = ("-date",)  # unique, as a list is of one person, who has one diary per date
    needed_without_account = ("owner",)
    singular, plural = "diary", "diaries"

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        data = self.get_serializer(self.get_object()).data
        enrich(self.reader, [data])
        return Response(data)

    @classmethod
    def list_query(cls, viewer: User | None, **parameters: Any) -> Any:
        return cls.filterset_class.apply(cls.visible_rows(viewer), viewer, parameters)

    def get_object(self) -> Any:
        """Lock the owner before the diary, if its photos change: so do all who change photos."""
        body = self.request.data
        names_photos = isinstance(body, dict) and "photos" in body
        if self.action == "destroy" or (self.action == "partial_update" and names_photos):
            self.viewer.lock()
        return super().get_object()
