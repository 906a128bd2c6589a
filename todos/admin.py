"""Admin pages of todos and quick inputs."""

from django.contrib import admin

from resources.admin import ContentAdmin
from todos.models import QuickInput, Todo


@admin.register(Todo)
class TodoAdmin(ContentAdmin):
    # Not by id, since the ids of activated todos contain no time. The index is todo_of_all.
    ordering = ("-created_at", "pk")
    list_display = ("id", "person", "date", "is_done", "created_at")
    list_filter = (
        "is_done",
        ("date", admin.EmptyFieldListFilter),
        ("quick_input", admin.EmptyFieldListFilter),
    )
    fields = (
        "id",
        "person",
        "goal",
        "date",
        "time",
        "position",
        "is_done",
        "done_at",
        "quick_input",
        "offered_on",
        "created_at",
        "updated_at",
    )
    content = ("title", "memo")


@admin.register(QuickInput)
class QuickInputAdmin(ContentAdmin):
    list_display = ("id", "person", "starts_on", "ends_on", "created_at")
    fields = (
        "id",
        "person",
        "goal",
        "weekdays",
        "time",
        "starts_on",
        "ends_on",
        "created_at",
        "updated_at",
    )
    content = ("title",)
