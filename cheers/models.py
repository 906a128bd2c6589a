"""Cheers: one emoji from one person on one todo or diary."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, exists_for
from core.model_fields import ExactCharField
from diaries.models import Diary
from resources.models import Owned, OwnedQuerySet, Tombstone
from todos.models import Todo


class CheerQuerySet(OwnedQuerySet["Cheer"]):
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
        return self.filter(
            Q(owner=viewer) | (Q(target_owner=viewer) & exists_for(viewer, "owner__"))
        )

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

    def counted(
        self, viewer: User, *, todos: Collection[UUID] = (), diaries: Collection[UUID] = ()
    ) -> Any:
        """Rows {todo_id, diary_id, emoji, count, mine}, the most given first; `mine`: the viewer's is among them."""
        rows = self.seen_by(viewer).filter(Q(todo__in=todos) | Q(diary__in=diaries))
        counts = rows.values("todo_id", "diary_id", "emoji").annotate(
            count=Count("pk"), my_count=Count("pk", filter=Q(owner=viewer))
        )
        mine = ExpressionWrapper(Q(my_count__gt=0), output_field=BooleanField())
        shown = ("todo_id", "diary_id", "emoji", "count", "mine")
        return counts.annotate(mine=mine).order_by("-count", "emoji").values(*shown)

    def received_by_date(
        self, viewer: User, owner: User, first: date, last: date, *, mine: bool
    ) -> Any:
        """How many cheers, that the viewer sees, the owner received on their todos and diaries of each of these dates:
        rows (date, count), up to two for a date. `mine`: the viewer is the owner.

        One query, from the targets of those dates to their cheers: the owner may have received any number in all.
        """
        todos = self._on_dates(Todo, viewer, owner, (first, last), mine=mine)
        diaries = self._on_dates(Diary, viewer, owner, (first, last), mine=mine)
        return todos.union(diaries, all=True)

    def _on_dates(
        self,
        model: type[Todo | Diary],
        viewer: User,
        owner: User,
        dates: tuple[date, date],
        *,
        mine: bool,
    ) -> Any:
        kind = model.kind
        rows = self.seen_by(viewer).filter(
            **{f"{kind}__owner": owner, f"{kind}__date__range": dates}
        )
        if not mine:  # one's own are seen without asking
            shown = model.objects.of(owner).filter(date__range=dates).visible_to(viewer)
            rows = rows.filter(**{f"{kind}__in": shown})
        return rows.values_list(f"{kind}__date").annotate(count=Count("pk"))


class Cheer(Owned):
    """A cheer (응원)."""

    kind = "cheer"

    todo = models.ForeignKey(
        Todo, models.CASCADE, null=True, related_name="+", verbose_name=_("todo")
    )
    diary = models.ForeignKey(
        Diary, models.CASCADE, null=True, related_name="+", verbose_name=_("diary")
    )
    # Whose the target is: with it, what somebody received is one range of one index.
    target_owner = models.ForeignKey(
        User, models.CASCADE, related_name="+", verbose_name=_("cheered person")
    )
    emoji = ExactCharField(_("emoji"), max_length=32)

    objects = CheerQuerySet.as_manager()

    class Meta:
        verbose_name = _("cheer")
        verbose_name_plural = _("cheers")
        constraints = [
            models.UniqueConstraint(name="cheer_todo_once", fields=["todo", "owner"]),
            models.UniqueConstraint(name="cheer_diary_once", fields=["diary", "owner"]),
            models.CheckConstraint(
                name="cheer_one_target",
                condition=Q(todo__isnull=False, diary__isnull=True)
                | Q(todo__isnull=True, diary__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="cheer_received", fields=["target_owner", "created_at", "id"]),
            models.Index(name="cheer_given", fields=["owner", "created_at", "id"]),
            # Without these two MySQL reads all cheers, newest first, until it has a page of one target's.
            models.Index(name="cheer_of_todo", fields=["todo", "created_at", "id"]),
            models.Index(name="cheer_of_diary", fields=["diary", "created_at", "id"]),
            # The admin's, of all people. Its ids go down, so that lists of one person's, where they go up with time,
            # have no use for it. Where they had, MySQL took it for whoever had received much, and read everybody's.
            models.Index(name="cheer_of_all", fields=["created_at", "-id"]),
        ]

    @property
    def target(self) -> Todo | Diary | None:
        """What was cheered; never None in a saved row."""
        return self.todo if self.todo_id else self.diary

    @staticmethod
    def id_of(owner: User, kind: str, target: UUID) -> UUID:
        """The one id that this person's cheer on this target has, each time it is given.

        So its tombstone says whether they withdrew it, when the target itself is hidden from them by now.
        """
        return uuid.uuid5(target, f"{kind}/{owner.uuid}")

    @classmethod
    def give(cls, owner: User, target: Todo | Diary, emoji: str) -> tuple["Cheer", bool]:
        """Cheer, or change the emoji of the cheer given before; whether it is new is the second value."""
        owner.lock()  # phones of one person in turn, or their duplicates deadlock
        which = {target.kind: target}
        fresh = {
            "id": cls.id_of(owner, target.kind, target.pk),
            "emoji": emoji,
            "target_owner_id": target.owner_id,
        }
        cheer: Cheer | None = cls.objects.select_for_update().filter(owner=owner, **which).first()
        if created := cheer is None:
            cheer = cls.objects.create(owner=owner, **which, **fresh)
            Tombstone.objects.known_to(owner, cls.kind, cheer.pk).delete()
        else:
            cheer.change(emoji=emoji)
        cheer.owner = owner
        setattr(cheer, target.kind, target)
        return cheer, created

    @classmethod
    def withdraw(cls, owner: User, kind: str, target: UUID) -> bool:
        """Take my cheer back. False when I gave none: neither is there one, nor was one deleted."""
        cheer = cls.objects.of(owner).select_for_update().filter(**{kind: target}).first()
        if cheer is None:
            return Tombstone.objects.known_to(
                owner, cls.kind, cls.id_of(owner, kind, target)
            ).exists()
        cheer.remove()
        return True

    def remove(self) -> None:
        """Delete it, and remember that for both who may delete it: who gave it and who received it."""
        Tombstone.objects.record(self.owner, self.kind, [self.pk], also_of=self.target_owner)
        self.delete()
