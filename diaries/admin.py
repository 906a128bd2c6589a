"""Admin pages of diaries."""

from django.contrib import admin

from diaries.models import Diary
from resources.admin import ContentAdmin


@admin.register(Diary)
class DiaryAdmin(ContentAdmin):
    list_display = ("id", "person", "date", "visibility", "is_draft", "created_at")
    list_filter = ("visibility", "is_draft")
    fields = (
        "id",
        "person",
        "date",
        "visibility",
        "is_draft",
        "published_at",
        "allows_comments",
        "created_at",
        "updated_at",
    )
    content = ("body", "emoji", "temperature", "color", "place", "latitude", "longitude")
