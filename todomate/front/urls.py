"""URLs that are open to everyone."""

from django.urls import path

from todomate.front import pages, views

urlpatterns = [
    path("", pages.start, name="start"),
    path("api/docs/", pages.docs, name="docs"),
    path("api/schema/", views.SchemaView.as_view(), name="schema"),
    path("api/v1/", views.RootView.as_view(), name="root"),
    path("api/v1/health/live/", views.LiveView.as_view(), name="health-live"),
    path("api/v1/health/ready/", views.ReadyView.as_view(), name="health-ready"),
]
