"""Cheers in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin, person_column
from cheers.models import Cheer


@admin.register(Cheer)
class CheerAdmin(ReadOnlyAdmin):
    ordering = ("-created_at", "pk")  # ids of cheers are of no time; the index cheer_of_all
    list_display = ("id", "person", "cheered", "emoji", "created_at")
    list_filter = (("diary", admin.EmptyFieldListFilter),)
    shown_people = ("owner__profile", "target_owner__profile")
    fields = ("id", "person", "cheered", "emoji", "todo", "diary", "created_at", "updated_at")
    people = ("owner", "target_owner")
    cheered = person_column("target_owner", _("cheered person"))
