"""What the open paths answer."""

from typing import Any

from rest_framework import serializers

from alarms.models import ALARMS_PER_PERSON
from goals.models import GOALS_PER_PERSON
from resources.serializers import VIEWERS
from todos.models import QUICK_INPUTS_PER_PERSON, TODOS_IN_ARCHIVE, TODOS_PER_DAY

# What a client may count on here; a later version adds words and takes none away.
FEATURES = (
    "goals",
    "todos",
    "archive",
    "quick_inputs",
    "diaries",
    "cheers",
    "alarms",
    "follows",
    "blocks",
    "days",
    "calendar",
)
LIMITS = {
    "todos_per_day": TODOS_PER_DAY,
    "todos_in_archive": TODOS_IN_ARCHIVE,
    "goals": GOALS_PER_PERSON,
    "quick_inputs": QUICK_INPUTS_PER_PERSON,
    "alarms": ALARMS_PER_PERSON,
    "viewers": VIEWERS,
    "title_characters": 200,
    "memo_characters": 2_000,
    "diary_characters": 20_000,
    "bio_characters": 300,
    "page_size": 200,
}


class LimitsSerializer(serializers.Serializer[Any]):
    """Limits of one account."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.IntegerField(min_value=0) for name in LIMITS}


class RootSerializer(serializers.Serializer[Any]):
    """The server's version, features and limits."""

    name = serializers.CharField()
    version = serializers.CharField(help_text="Version of the server.")
    api = serializers.ChoiceField(choices=["v1"])
    features = serializers.ListField(
        child=serializers.CharField(),
        help_text="Names of the supported features. Later versions add more.",
    )
    limits = LimitsSerializer()


class HealthSerializer(serializers.Serializer[Any]):
    """Health of the server."""

    status = serializers.ChoiceField(choices=["ok"])
