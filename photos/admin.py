"""Admin pages of photos."""

from django.contrib import admin

from accounts.admin.base import ReadOnlyAdmin
from photos.models import Photo


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    """Photos, without the pictures themselves."""

    list_display = ("id", "person", "width", "height", "bytes", "used", "created_at")
    list_filter = ("used",)
    fields = (
        "id",
        "person",
        "width",
        "height",
        "bytes",
        "used",
        "created_at",
        "updated_at",
    )
