"""The view of posts."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.credentials.views import OpenToReadersMixin
from accounts.models import User
from core.pagination import nth_after
from core.views import GenericViewSet
from diaries.enriched_pages import EnrichedPagesMixin
from diaries.filters import PostFilterSet
from diaries.models import Diary, Labelled
from diaries.serializers import DiarySerializer
from fastlists import FastListMixin, compiled

# Posts with a label that are looked at for each page: those hidden from the viewer are passed over.
# So an empty page tells that so many posts of all people have it, but nothing about a rare label.
POSTS_AT_ONCE = 2_000


@compiled(Labelled)
def end_of_part(label: UUID, key: Any, *, backwards: bool) -> QuerySet[Labelled, Any]:
    """Select the number of the last of the next POSTS_AT_ONCE posts with this label."""
    # Not by the label as well: MariaDB would sort all of its posts.
    posts = Labelled.objects.filter(label=label)
    return nth_after(posts, ("-post_id",), key, POSTS_AT_ONCE, backwards=backwards)


class PostViewSet(OpenToReadersMixin, EnrichedPagesMixin, FastListMixin, GenericViewSet):
    """Posts: diaries that are neither drafts nor private, latest published first."""

    queryset = Diary.objects.none()
    serializer_class = DiarySerializer
    filterset_class = PostFilterSet
    ordering = ("-post",)
    singular, plural = "post", "posts"

    @staticmethod
    def list_query(viewer: User | None, **parameters: Any) -> Any:
        rows = Diary.objects.posts().visible_to(viewer).with_cards()
        return PostFilterSet.apply(rows, viewer, parameters)

    def get_list_parameters(self) -> dict[str, Any]:
        """Let the page end where the posts end that are looked at for it.

        Those of one person are not counted, as there is at most one a day.
        """
        parameters = dict(super().get_list_parameters())
        labels = [parameters[name] for name in ("hashtag", "place") if parameters[name] is not None]
        if labels and parameters["owner"] is None:
            paginator: Any = self.paginator
            paginator.read_request(self.request, self.ordering, Diary)
            backwards = paginator.backwards
            ends = [end_of_part.first(each, paginator.key, backwards=backwards) for each in labels]
            # Posts with two labels are found by the rarer one, whose part reaches further.
            if None not in ends:
                paginator.stop_at(max(ends) if backwards else min(ends))
        return parameters
