"""Responses of the endpoints that are open to everyone."""

from django.db import models
from rest_framework import serializers

from accounts.models import Profile
from alarms.models import ALARMS_PER_PERSON
from core.pagination import MAX_PAGE_SIZE
from diaries.hashtags import HASHTAG_LENGTH, HASHTAGS
from diaries.models import ALT_LENGTH, PHOTOS_PER_DIARY, Diary
from goals.models import GOALS_PER_PERSON
from photos.views import MAX_BYTES
from resources.serializers import VIEWERS
from todos.models import QUICK_INPUTS_PER_PERSON, TODOS_IN_ARCHIVE, TODOS_PER_DAY, Todo

# Names that clients can test for. Later versions add names and never remove one.
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
    "timeline",
    "photos",
    "posts",
)


def max_length(model: type[models.Model], name: str) -> int:
    """Return the maximum number of characters of a text field."""
    length: int | None = getattr(model._meta.get_field(name), "max_length", None)
    if length is None:
        raise ValueError(f"{model.__name__}.{name} has no maximum length")
    return length


LIMITS = {
    "todos_per_day": TODOS_PER_DAY,
    "todos_in_archive": TODOS_IN_ARCHIVE,
    "goals": GOALS_PER_PERSON,
    "quick_inputs": QUICK_INPUTS_PER_PERSON,
    "alarms": ALARMS_PER_PERSON,
    "viewers": VIEWERS,
    "title_characters": max_length(Todo, "title"),
    "memo_characters": max_length(Todo, "memo"),
    "diary_characters": max_length(Diary, "body"),
    "hashtags": HASHTAGS,
    "hashtag_characters": HASHTAG_LENGTH,
    "place_characters": max_length(Diary, "place"),
    "photos_per_diary": PHOTOS_PER_DIARY,
    "alt_characters": ALT_LENGTH,
    "photo_bytes": MAX_BYTES,
    "bio_characters": max_length(Profile, "bio"),
    "page_size": MAX_PAGE_SIZE,
}
# By their names in PHOTO_LIMITS, which may change them.
PHOTO_LIMITS = {
    "photos": "photos",
    "photos_unattached": "unattached",
    "photo_megabytes": "megabytes",
}


# Of a server that allows it (ANONYMOUS_READING).
ANONYMOUS_READING = "anonymous_reading"


class LimitsSerializer(serializers.Serializer):
    """Limits of one account."""

    schema_name = "ServerLimits"

    def get_fields(self) -> dict[str, serializers.Field]:
        return {name: serializers.IntegerField(min_value=0) for name in (*LIMITS, *PHOTO_LIMITS)}


class RootSerializer(serializers.Serializer):
    """The server's version, features and limits."""

    schema_name = "ServerInfo"

    name = serializers.CharField()
    version = serializers.CharField(help_text="Version of the server.")
    api = serializers.CharField(help_text="Version of the API: `v1`.")
    features = serializers.ListField(
        child=serializers.CharField(),
        help_text="Names of the supported features. Later versions add more.",
    )
    limits = LimitsSerializer()
    sign_ups = serializers.ChoiceField(
        choices=["open", "invitation", "closed"],
        help_text="Who may sign up: everyone, whoever has an invitation, or nobody.",
    )


class HealthSerializer(serializers.Serializer):
    """Health of the server."""

    schema_name = "ServerHealth"

    status = serializers.ChoiceField(choices=["ok"])
