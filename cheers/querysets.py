"""Which cheers, and how they are fetched and counted."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q

from accounts.models import User, exists_for
from diaries.models import Diary
from resources.models import OwnedQuerySet, Tombstone
from todos.models import Todo

if TYPE_CHECKING:
    from cheers.models import Cheer


class CheerQuerySet(OwnedQuerySet):
    def seen_by(self, viewer: User) -> Self:
        """Those of people who exist for the viewer; whether their target does is asked of the target."""
        return self.filter(exists_for(viewer, "owner__"))

    def visible_to(self, viewer: User) -> Self:
        """Those that the viewer sees: of people and on targets that exist for them."""
        todo = Exists(Todo.objects.visible_to(viewer).filter(pk=OuterRef("todo")))
        diary = Exists(Diary.objects.visible_to(viewer).filter(pk=OuterRef("diary")))
        return self.seen_by(viewer).filter(Q(target_owner=viewer) | Q(todo) | Q(diary))

    def received_by(self, owner: User) -> Self:
        """On what is the owner's."""
        return self.filter(target_owner=owner)

    def with_targets(self) -> Self:
        """With what an answer shows of their targets, in the same query."""
        return self.select_related("todo", "diary").defer("todo__memo", "diary__body")

    # For a change

    def removable_by(self, viewer: User) -> Self:
        """The viewer's own, always; and those they see on what is theirs."""
        return self.filter(Q(owner=viewer) | (Q(target_owner=viewer) & exists_for(viewer, "owner__")))

    def could_remove(self, viewer: User, pk: UUID) -> bool:
        """Whether the viewer may remove this one, or might have before it went.

        One statement for both: between two, a cheer that is withdrawn and given again at once could slip through.
        """
        there = self.removable_by(viewer).filter(pk=pk).values("pk")
        gone = Tombstone.objects.known_to(viewer, self.model.kind, pk).values("pk")
        return bool(there.union(gone, all=True).exists())

    def locked(self, pk: UUID) -> "Cheer | None":
        """The one of this id, held until the transaction ends."""
        cheer: Cheer | None = self.select_for_update().filter(pk=pk).first()
        return cheer

    # Counted, for the composed reads. The caller knows that the viewer sees the targets.

    def counted(self, viewer: User, *, todos: Collection[UUID] = (), diaries: Collection[UUID] = ()) -> Any:
        """Rows {todo_id, diary_id, emoji, count, mine}, the most given first; `mine`: the viewer's is among them."""
        rows = self.seen_by(viewer).filter(Q(todo__in=todos) | Q(diary__in=diaries))
        counts = rows.values("todo_id", "diary_id", "emoji").annotate(
            count=Count("pk"), my_count=Count("pk", filter=Q(owner=viewer))
        )
        mine = ExpressionWrapper(Q(my_count__gt=0), output_field=BooleanField())
        shown = ("todo_id", "diary_id", "emoji", "count", "mine")
        return counts.annotate(mine=mine).order_by("-count", "emoji").values(*shown)

    def received_by_date(self, viewer: User, owner: User, first: date, last: date, *, mine: bool) -> Any:
        """How many cheers, that the viewer sees, the owner received on their todos and diaries of each of these dates:
        rows (date, count), up to two for a date. `mine`: the viewer is the owner.

        One query, from the targets of those dates to their cheers: the owner may have received any number in all.
        """
        todos = self._on_dates(Todo, viewer, owner, (first, last), mine=mine)
        diaries = self._on_dates(Diary, viewer, owner, (first, last), mine=mine)
        return todos.union(diaries, all=True)

    def _on_dates(
        self, model: type[Todo | Diary], viewer: User, owner: User, dates: tuple[date, date], *, mine: bool
    ) -> Any:
        kind = model.kind
        rows = self.seen_by(viewer).filter(**{f"{kind}__owner": owner, f"{kind}__date__range": dates})
        if not mine:  # one's own are seen without asking
            shown = model.objects.of(owner).filter(date__range=dates).visible_to(viewer)
            rows = rows.filter(**{f"{kind}__in": shown})
        return rows.values_list(f"{kind}__date").annotate(count=Count("pk"))
