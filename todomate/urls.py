"""Every path of the server; the apps name their own."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("todomate.front.urls")),
    path("api/v1/", include("accounts.urls")),
    path("api/v1/", include("goals.urls")),
    path("api/v1/", include("todos.urls")),
    path("api/v1/", include("diaries.urls")),
    path("api/v1/", include("cheers.urls")),
    path("api/v1/", include("days.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "todomate.api.exceptions.bad_request"
handler403 = "todomate.api.exceptions.forbidden"
handler404 = "todomate.api.exceptions.not_found"
handler500 = "todomate.api.exceptions.server_error"
