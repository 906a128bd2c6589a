"""Serializers of alarms."""

from typing import Any

from alarms.models import Alarm
from resources.serializers import OwnedSerializer


class AlarmSerializer(OwnedSerializer[Alarm]):
    """A daily local time at which the app reminds its owner."""

    class Meta:
        model = Alarm
        fields = ("id", "time", "is_on", "created_at", "updated_at")

    def create(self, validated_data: dict[str, Any]) -> Alarm:
        return Alarm.add(**validated_data)

    def update(self, instance: Alarm, validated_data: dict[str, Any]) -> Alarm:
        instance.reschedule(**validated_data)
        return instance
