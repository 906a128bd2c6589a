"""Admin pages of alarms."""

from django.contrib import admin

from accounts.admin.base import ReadOnlyAdmin
from alarms.models import Alarm


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "is_on", "created_at")
    list_filter = ("is_on",)
    fields = ("id", "person", "time", "is_on", "created_at", "updated_at")
