"""The view of the timeline."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from accounts.models import User
from core.views import GenericViewSet
from diaries.enriched_pages import EnrichedPagesMixin
from diaries.models import Diary
from diaries.serializers import DiarySerializer
from fastlists import FastListMixin
from feed.queries import posts_of, reach


class TimelineViewSet(EnrichedPagesMixin, FastListMixin, GenericViewSet):
    """The posts of the people whom the caller follows."""

    queryset = Diary.objects.none()
    serializer_class = DiarySerializer
    ordering = ("-post",)
    singular, plural = "timeline", "timeline"

    def get_list_parameters(self) -> dict[str, Any]:
        """Find who can be on the page, and let it end at the last post that can be on it.

        If a post is hidden meanwhile, the page is short and `next` goes on behind that end.
        """
        paginator: Any = self.paginator
        paginator.read_request(self.request, self.ordering, Diary)
        after = None if paginator.key is None else paginator.key[0]
        found = reach(self.viewer, after, paginator.size, backwards=paginator.backwards)
        if found.end is not None:
            paginator.stop_at([found.end])
        return {"owners": found.owners}

    @staticmethod
    def list_query(viewer: User, **parameters: Any) -> QuerySet[Diary]:
        return posts_of(viewer, **parameters)

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        """List the posts of the people whom the caller follows, the last published one first.

        The caller's own posts are not among them. What is hidden from the caller, or shown to them
        again, is so at the next request; a post that is shown again is back at its old place.
        """
        return super().list(request, *args, **kwargs)
