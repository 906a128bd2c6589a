"""Filters of the lists of diaries and of posts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.models import User
from accounts.visibility import Visibility
from core.exceptions import field_error
from core.fields import StringField
from core.filters import (
    ChoiceFilter,
    DatedFilterSet,
    EmojiFilter,
    FieldFilter,
    FilterSet,
    FlagFilter,
    IdFilter,
)
from diaries.hashtags import hashtag_named
from diaries.models import DiaryQuerySet
from diaries.models.labels import LabelKind, label_id
from resources.filters import OwnerFilterSet


class DiaryFilterSet(DatedFilterSet, OwnerFilterSet):
    emoji = EmojiFilter(help_text="The mood. Unqualified forms of the emoji are accepted too.")
    visibility = ChoiceFilter(enum=Visibility, help_text="Only diaries with this visibility.")
    is_draft = FlagFilter(help_text="true: only drafts. false: none of them.")


class HashtagFilter(FieldFilter):
    """One hashtag, with or without its `#`. The value is the id of its label."""

    serializer_field = StringField
    field_arguments = {"max_length": 100, "min_length": 1}

    def clean(self, text: str) -> UUID:
        name = hashtag_named(super().clean(text))
        if name is None:
            raise ValidationError([ErrorDetail(str(_("This is not a hashtag.")), code="invalid")])
        return label_id(LabelKind.HASHTAG, name)


class PostFilterSet(FilterSet):
    """Filters of posts: at least one of hashtag, place and owner."""

    hashtag = HashtagFilter(
        method="labelled",
        help_text="Only posts with this hashtag, given with or without `#`. Case is ignored.",
    )
    place = IdFilter(method="labelled", help_text="Only posts at the place with this id.")
    owner = IdFilter(field_name="owner__uuid", help_text="Only posts of this person.")
    has_photos = FlagFilter(
        method="with_photos", help_text="true: only posts with photos. false: only those without."
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        if all(values[name] is None for name in ("hashtag", "place", "owner")):
            text = _("Name a hashtag, a place or a person.")
            raise field_error("owner", text, "required")

    @staticmethod
    def labelled(rows: DiaryQuerySet, viewer: User | None, label: UUID) -> DiaryQuerySet:
        return rows.labelled(label)

    @staticmethod
    def with_photos(rows: DiaryQuerySet, viewer: User | None, wanted: bool) -> DiaryQuerySet:
        return rows.filter(photos_count__gt=0) if wanted else rows.filter(photos_count=0)
