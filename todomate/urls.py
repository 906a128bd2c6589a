"""All URLs of the server. Each app lists its own."""

from importlib import import_module

from django.apps import apps
from django.contrib import admin
from django.urls import include, path

# Django tries patterns in this order, so the apps with most requests come first. All patterns are
# in one list, which is faster to search than one include() per app.
APPS = ("todos", "days", "goals", "diaries", "cheers", "feed", "alarms", "photos", "accounts")
API = [pattern for app in APPS for pattern in import_module(f"{app}.urls").urlpatterns]

urlpatterns = [
    path("api/v1/", include(API)),
    path("", include("todomate.front.urls")),
    path("admin/", admin.site.urls),
]

if apps.is_installed("todomate.demo"):
    urlpatterns.append(path("", include("todomate.demo.urls")))

handler400 = "core.exceptions.bad_request"
handler403 = "core.exceptions.forbidden"
handler404 = "core.exceptions.not_found"
handler500 = "core.exceptions.server_error"
