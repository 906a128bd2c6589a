"""Filters of the list of diaries."""

from accounts.visibility import Visibility
from core.filters import ChoiceFilter, DatedFilterSet, EmojiFilter, FlagFilter
from resources.filters import OwnerFilterSet


class DiaryFilterSet(DatedFilterSet, OwnerFilterSet):
    emoji = EmojiFilter(help_text="The mood. Unqualified forms of the emoji are accepted too.")
    visibility = ChoiceFilter(enum=Visibility)
    is_draft = FlagFilter()
