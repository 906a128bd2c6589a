"""Views of alarms."""

from alarms.models import Alarm
from alarms.serializers import AlarmSerializer
from resources.viewsets import OwnedViewSet


class AlarmViewSet(OwnedViewSet):
    """Alarms: the daily local times at which the app reminds the caller."""

    model = Alarm
    queryset = Alarm.objects.none()
    serializer_class = AlarmSerializer
    ordering = ("time", "id")
    singular, plural = "alarm", "alarms"
