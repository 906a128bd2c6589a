"""URLs of photos, below /api/v1/."""

from django.urls import path

import core.converters  # noqa: F401  # registers <id:…>
from photos.avatars import AvatarPictureView, AvatarView

urlpatterns = [
    path("me/avatar/", AvatarView.as_view()),
    path("pictures/avatars/<id:key>.webp", AvatarPictureView.as_view()),
]
