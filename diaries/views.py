"""Views of diaries."""

from diaries.filters import DiaryFilterSet
from diaries.models import Diary
from diaries.serializers import DiarySerializer
from resources.viewsets import OwnedViewSet


class DiaryViewSet(OwnedViewSet):
    """Diaries: one entry per person and date. A second one for a date gets 409 `duplicate`."""

    model = Diary
    queryset = Diary.objects.none()
    serializer_class = DiarySerializer
    filterset_class = DiaryFilterSet
    ordering = ("-date",)  # unique, as a list is of one person, who has one diary per date
    singular, plural = "diary", "diaries"
