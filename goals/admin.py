"""Goals in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from goals.models import Goal
from resources.admin import ContentAdmin


@admin.register(Goal)
class GoalAdmin(ContentAdmin):
    list_display = ("id", "person", "state", "visibility", "created_at")
    list_filter = ("state", "visibility")
    fields = (
        "id",
        "person",
        "color",
        "state",
        "visibility",
        "position",
        "created_at",
        "updated_at",
    )
    content = ("title",)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        obj.remove(cascade=True)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """With how much each goal holds: that goes too."""
        rows, counts, missing, protected = super().get_deleted_objects(objs, request)
        for goal in objs if len(rows) == 1 else ():
            for _kind, held in goal.contents():
                counts[str(held.model._meta.verbose_name_plural)] = held.count()
        return rows, counts, missing, protected
