"""Filters of the list of diaries."""

from accounts.visibility import Visibility
from core.filters import DatedFilterSet, EmojiFilter, FlagFilter, WordFilter
from diaries.models import Diary
from resources.filters import OwnerFilterSet


class DiaryFilterSet(DatedFilterSet, OwnerFilterSet):
    emoji = EmojiFilter(help_text="The mood. Unqualified forms of the emoji are accepted too.")
    visibility = WordFilter(choices=Visibility.choices)
    is_draft = FlagFilter()

    class Meta:
        model = Diary
        fields: list[str] = []
