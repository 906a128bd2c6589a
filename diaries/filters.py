"""Filters of the list of diaries."""

from accounts.filters import OwnerFilterSet
from accounts.visibility import Visibility
from diaries.models import Diary
from todomate.api.filters import DatedFilterSet, EmojiFilter, FlagFilter, WordFilter


class DiaryFilterSet(DatedFilterSet, OwnerFilterSet):
    emoji = EmojiFilter(help_text="The mood. Unqualified forms of the emoji are accepted too.")
    visibility = WordFilter(choices=Visibility.choices)
    is_draft = FlagFilter()

    class Meta:
        model = Diary
        fields: list[str] = []
