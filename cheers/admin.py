"""Admin pages of cheers."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin, person_column
from cheers.models import Cheer


@admin.register(Cheer)
class CheerAdmin(ReadOnlyAdmin):
    # Not by id, since the ids of cheers contain no time. The index is cheer_of_all.
    ordering = ("-created_at", "pk")
    list_display = ("id", "person", "cheered", "emoji", "created_at")
    list_filter = (("diary", admin.EmptyFieldListFilter),)
    shown_people = ("owner__profile", "target_owner__profile")
    fields = ("id", "person", "cheered", "emoji", "todo", "diary", "created_at", "updated_at")
    people = ("owner", "target_owner")
    cheered = person_column("target_owner", _("cheered person"))
