"""Cheers: one emoji from one person on one todo or diary."""

import uuid
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cheers.querysets import CheerQuerySet
from core.model_fields import ExactCharField
from diaries.models import Diary
from resources.models import Owned, Tombstone
from todos.models import Todo


class Cheer(Owned):
    """A cheer (응원)."""

    kind = "cheer"

    todo = models.ForeignKey(Todo, models.CASCADE, null=True, related_name="+", verbose_name=_("todo"))
    diary = models.ForeignKey(Diary, models.CASCADE, null=True, related_name="+", verbose_name=_("diary"))
    # Whose the target is: with it, what somebody received is one range of one index.
    target_owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("cheered person"))
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
                condition=Q(todo__isnull=False, diary__isnull=True) | Q(todo__isnull=True, diary__isnull=False),
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
        fresh = {"id": cls.id_of(owner, target.kind, target.pk), "emoji": emoji, "target_owner_id": target.owner_id}
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
            return Tombstone.objects.known_to(owner, cls.kind, cls.id_of(owner, kind, target)).exists()
        cheer.remove()
        return True

    def remove(self) -> None:
        """Delete it, and remember that for both who may delete it: who gave it and who received it."""
        Tombstone.objects.record(self.owner, self.kind, [self.pk], also_of=self.target_owner)
        self.delete()
