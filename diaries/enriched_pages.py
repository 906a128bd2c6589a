"""The base of lists of posts: their pages have what higher apps add to diaries."""

from collections.abc import Sequence

from rest_framework.response import Response

from accounts.credentials.views import ViewerMixin
from core.views import GenericViewSet
from diaries.enrichment import Row, enrich


class EnrichedPagesMixin(ViewerMixin, GenericViewSet):
    """Mixin of the lists of posts. It comes before the other bases."""

    def get_paginated_response(self, data: Sequence[Row]) -> Response:
        """Return the page with the fields of all enrichments."""
        enrich(self.reader, data)
        return super().get_paginated_response(data)
