"""Filters of the list of diaries."""

from accounts.visibility import Visibility
from core.filters import ChoiceFilter, DatedFilterSet, EmojiFilter, FlagFilter
from resources.filters import OwnerFilterSet


class DiaryFilterSet(DatedFilterSet, OwnerFilterSet):
    emoji = EmojiFilter(help_text="The mood. Unqualified forms of the emoji are accepted too.")
    visibility = ChoiceFilter(enum=Visibility, help_text="Only diaries with this visibility.")
    is_draft = FlagFilter(help_text="true: only drafts. false: none of them.")
