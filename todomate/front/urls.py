"""URLs that are open to everyone."""

from django.urls import path, register_converter

from todomate.front import guides, pages, views, well_known

register_converter(guides.GuideConverter, "guide")

urlpatterns = [
    path("", pages.start, name="start"),
    path(
        ".well-known/change-password", well_known.change_password, name="well-known-change-password"
    ),
    path(".well-known/<str:name>", well_known.file, name="well-known"),
    path("api/docs/", pages.docs, name="docs"),
    path("api/docs/codes/", pages.codes, name="codes"),
    path("api/docs/<guide:name>/", pages.guide, name="guide"),
    path("api/docs/requests.http", pages.requests, name="requests"),
    path("api/schema/", views.SchemaView.as_view(), name="schema"),
    path("api/v1/", views.RootView.as_view(), name="root"),
    path("api/v1/health/live/", views.LiveView.as_view(), name="health-live"),
    path("api/v1/health/ready/", views.ReadyView.as_view(), name="health-ready"),
]
