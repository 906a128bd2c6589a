"""URLs of photos, below /api/v1/."""

from typing import Any

from django.urls import path

import core.converters  # noqa: F401  # registers <id:…>
from photos.avatars import AvatarPictureView, AvatarView
from photos.views import PhotoViewSet

ROW: dict[str, Any] = {"get": "retrieve", "put": "upload", "delete": "destroy"}

urlpatterns = [
    path("photos/", PhotoViewSet.as_view({"get": "list"}, detail=False), name="photo-list"),
    path("photos/<id:pk>/", PhotoViewSet.as_view(ROW, detail=True), name="photo-detail"),
    path("me/avatar/", AvatarView.as_view()),
    path("pictures/avatars/<id:key>.webp", AvatarPictureView.as_view()),
]
