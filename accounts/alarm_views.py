"""alarms/"""

from accounts.alarm_serializers import AlarmSerializer
from accounts.models import Alarm
from accounts.viewsets import OwnedViewSet


class AlarmViewSet(OwnedViewSet):
    """Alarms: the daily local times at which the app reminds the caller."""

    model = Alarm
    queryset = Alarm.objects.none()
    serializer_class = AlarmSerializer
    ordering = ("time", "id")
    singular, plural = "alarm", "alarms"
