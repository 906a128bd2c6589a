"""Cheers: one emoji from one person on one todo or diary."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import User, exists_for, has_blocked
from core.model_fields import ExactCharField
from core.quotas import require_room
from diaries.models import Diary
from goals.models import Goal
from resources.models import Owned, OwnedQuerySet, Tombstone
from todos.models import Todo


class CheerQuerySet(OwnedQuerySet["Cheer"]):
    def seen_by(self, viewer: User | None) -> Self:
        """Return the cheers that are shown to the viewer, whether or not they can see the target.

        The person who cheered must exist for the viewer. A cheer is shown to nobody while the owner
        of its target blocks that person: whoever blocks somebody wants them gone from their own
        page, not only from their own sight. The row stays: unblocking shows it again, and the
        person can withdraw it all the time. For None, a reader without an account, only open people
        exist: the cheers of everyone else are neither shown nor counted.
        """
        unwanted = has_blocked("target_owner", "owner")
        return self.filter(exists_for(viewer, "owner__") & ~unwanted)

    def visible_to(self, viewer: User | None) -> Self:
        """Return the cheers that are shown to the viewer, on targets that they can see."""
        todo = Exists(Todo.objects.visible_to(viewer).filter(pk=OuterRef("todo")))
        diary = Exists(Diary.objects.visible_to(viewer).filter(pk=OuterRef("diary")))
        visible = Q(todo) | Q(diary)
        if (
            viewer is not None and not viewer.has_deleted_goals
        ):  # else a todo of the viewer's may be deleted
            visible |= Q(target_owner=viewer)
        return self.seen_by(viewer).filter(visible)

    def received_by(self, owner: User) -> Self:
        """Return the cheers on todos and diaries of this person."""
        return self.filter(target_owner=owner)

    def with_targets(self) -> Self:
        """Join the targets, with the columns that a response shows."""
        return self.select_related("todo", "diary").defer("todo__memo", "diary__body")

    def present(self) -> Self:
        goals = Goal.objects.keys_of_deleted()
        return self.exclude(todo__goal__in=goals) if goals else self

    # Deleting

    def removable_by(self, viewer: User) -> Self:
        """Return the viewer's own cheers, and those that they received and can see."""
        received = Q(target_owner=viewer) & exists_for(viewer, "owner__")
        return self.filter(Q(owner=viewer) | received)

    def may_remove(self, viewer: User, pk: UUID) -> bool:
        """Return whether the viewer may delete this cheer, or has deleted it, or could have.

        One statement, because a cheer that is withdrawn and given again between two statements
        would be in neither result.
        """
        existing = self.removable_by(viewer).filter(pk=pk).values("pk")
        deleted = Tombstone.objects.known_to(viewer, self.model.kind, pk).values("pk")
        return existing.union(deleted, all=True).exists()

    def locked(self, pk: UUID) -> "Cheer | None":
        """Return the cheer with this id, locked until the transaction ends."""
        return self.select_for_update().filter(pk=pk).first()

    # Counts. The caller has checked that the viewer can see the targets.

    def counted(
        self, viewer: User | None, *, todos: Collection[UUID] = (), diaries: Collection[UUID] = ()
    ) -> models.QuerySet["Cheer", Any]:
        """Return rows {todo_id, diary_id, emoji, count, mine}, the highest counts first.

        `mine` is true if one of the counted cheers is the viewer's; never for None.
        """
        rows = self.seen_by(viewer).filter(Q(todo__in=todos) | Q(diary__in=diaries))
        counts = rows.values("todo_id", "diary_id", "emoji").annotate(count=Count("pk"))
        mine: Any = Value(False, output_field=BooleanField())
        if viewer is not None:
            counts = counts.annotate(my_count=Count("pk", filter=Q(owner=viewer)))
            mine = ExpressionWrapper(Q(my_count__gt=0), output_field=BooleanField())
        ordered = counts.annotate(mine=mine).order_by("-count", "emoji")
        return ordered.values("todo_id", "diary_id", "emoji", "count", "mine")

    def received_by_date(
        self, viewer: User, owner: User, first: date, last: date, *, mine: bool
    ) -> models.QuerySet["Cheer", tuple[date, int]]:
        """Count the visible cheers on the owner's todos and diaries of each date.

        Return rows (date, count), up to two for a date. `mine` must be true if the viewer is the
        owner. One query, which starts at the targets of these dates, since the owner may have
        received many cheers in total.
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
    ) -> models.QuerySet["Cheer", tuple[date, int]]:
        kind = model.kind
        rows = self.seen_by(viewer).filter(
            **{f"{kind}__owner": owner, f"{kind}__date__range": dates}
        )
        if not mine:  # the viewer can see all of their own targets
            visible = model.objects.of(owner).filter(date__range=dates).visible_to(viewer)
            rows = rows.filter(**{f"{kind}__in": visible})
        elif model is Todo and viewer.has_deleted_goals:
            rows = rows.filter(todo__goal__deleted_at__isnull=True)
        return rows.values_list(f"{kind}__date").annotate(count=Count("pk"))


class Cheer(Owned):
    """A cheer (응원): one emoji from its owner on a todo or a diary."""

    kind = "cheer"

    todo = models.ForeignKey(
        Todo, models.CASCADE, null=True, related_name="+", verbose_name=_("todo")
    )
    diary = models.ForeignKey(
        Diary, models.CASCADE, null=True, related_name="+", verbose_name=_("diary")
    )
    # The owner of the target. With it, the cheers that a person received are a range of an index.
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
            # Without these two, MySQL reads all cheers, newest first, until it has found a page of
            # one target.
            models.Index(name="cheer_of_todo", fields=["todo", "created_at", "id"]),
            models.Index(name="cheer_of_diary", fields=["diary", "created_at", "id"]),
            # For the admin. Ids descend, so that MySQL cannot use the index for the list of one
            # person, in which ids ascend with the time. With ascending ids it did so for people
            # who had received many cheers, and read those of everyone.
            models.Index(name="cheer_of_all", fields=["created_at", "-id"]),
        ]

    @property
    def target(self) -> Todo | Diary | None:
        """The cheered todo or diary. None only in a row that is not saved."""
        return self.todo if self.todo_id else self.diary

    @staticmethod
    def id_of(owner: User, kind: str, target: UUID) -> UUID:
        """Return the id of this person's cheer on this target, which is always the same.

        So a tombstone shows that they withdrew it, even if they cannot see the target any more.
        """
        return uuid.uuid5(target, f"{kind}/{owner.uuid}")

    @classmethod
    def give(cls, owner: User, target: Todo | Diary, emoji: str) -> tuple["Cheer", bool]:
        """Give a cheer, or change its emoji. Return the cheer and whether it is new."""
        owner.lock()  # or concurrent requests of one person would deadlock
        values = {"owner": owner, target.kind: target}
        cheer = cls.objects.select_for_update().filter(**values).first()
        created = cheer is None
        if cheer is None:
            require_room("cheers", owner.pk, lambda: cls.objects.of(owner))
            cheer = cls.objects.create(
                id=cls.id_of(owner, target.kind, target.pk),
                emoji=emoji,
                target_owner_id=target.owner_id,
                **values,
            )
            Tombstone.objects.known_to(owner, cls.kind, cheer.pk).delete()
        else:
            cheer.change(emoji=emoji)
        cheer.owner = owner
        setattr(cheer, target.kind, target)
        return cheer, created

    @classmethod
    def withdraw(cls, owner: User, kind: str, target: UUID) -> bool:
        """Delete this person's cheer. Return False if they have never given one."""
        cheer = cls.objects.of(owner).select_for_update().filter(**{kind: target}).first()
        if cheer is None:
            pk = cls.id_of(owner, kind, target)
            return Tombstone.objects.known_to(owner, cls.kind, pk).exists()
        cheer.remove()
        return True

    def remove(self) -> None:
        """Delete the cheer, and record a tombstone for the two people who may delete it."""
        Tombstone.objects.record(self.owner, self.kind, [self.pk], also_of=self.target_owner)
        self.delete()
