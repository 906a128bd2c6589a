"""Admin pages of goals."""

from collections.abc import Iterable
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

    def delete_model(  # type: ignore[override]  # of this model
        self, request: HttpRequest, obj: Goal
    ) -> None:
        obj.remove(cascade=True)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """Add the counts of a single goal's contents, which are deleted with it."""
        goals = list(objs)
        rows, counts, missing, protected = super().get_deleted_objects(goals, request)
        if len(goals) == 1:
            for _kind, contents in goals[0].contents():
                counts[str(contents.model._meta.verbose_name_plural)] = contents.count()
        return rows, counts, missing, protected
