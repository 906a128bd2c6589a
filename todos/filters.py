"""Filters of the lists of todos."""

from uuid import UUID

from accounts.models import User
from core.filters import DatedFilterSet, FilterSet, FlagFilter, IdFilter, TextFilter
from resources.filters import OwnerFilterSet
from todos.models import TodoQuerySet


class TitleFilter(TextFilter):
    """A part of the title."""

    def __init__(self) -> None:
        super().__init__(
            field_name="title_folded",
            help_text="A part of the title. Case and Unicode form make no difference.",
        )


class TodoFilterSet(DatedFilterSet, OwnerFilterSet):
    goal = IdFilter(help_text="Only todos of this goal.")
    is_done = FlagFilter(help_text="true: only done ones. false: only those not done.")
    has_time = FlagFilter(
        field_name="time",
        lookup_expr="isnull",
        exclude=True,
        help_text="true: only todos with a time. false: only those without.",
    )
    quick_input = IdFilter(
        method="keep_offered_by",
        help_text="Only todos that came from this quick input of the caller.",
    )
    q = TitleFilter()

    @staticmethod
    def keep_offered_by(rows: TodoQuerySet, viewer: User, quick_input: UUID) -> TodoQuerySet:
        return rows.came_from(viewer, quick_input)


class ArchiveFilterSet(FilterSet):
    """Filters of the archive. It has no `owner`, because only its owner can see it."""

    goal = IdFilter(help_text="Only todos of this goal.")
    q = TitleFilter()
