"""URLs of the timeline, below /api/v1/."""

from django.urls import path

from feed.views import TimelineViewSet

urlpatterns = [path("timeline/", TimelineViewSet.as_view({"get": "list"}))]
