"""Cheers: one emoji from one person on one todo or diary."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Owned, User
from accounts.querysets import OwnedQuerySet, blocks_between
from diaries.models import Diary
from todomate.api.model_fields import ExactCharField
from todos.models import Todo


class CheerQuerySet(OwnedQuerySet):
    def seen_by(self, viewer: User) -> Self:
        """Those of people who exist for the viewer; whether their target does is asked of the target."""
        return self.filter(~blocks_between(viewer, "owner"))


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
        ]

    @classmethod
    def give(cls, owner: User, target: Todo | Diary, emoji: str) -> Self:
        """Cheer, or change the emoji of the cheer given before."""
        which = {target.kind: target}
        cheer: Self
        cheer, created = cls.objects.select_for_update().get_or_create(
            owner=owner, **which, defaults={"emoji": emoji, "target_owner_id": target.owner_id}
        )
        if not created and cheer.emoji != emoji:
            cheer.change(emoji=emoji)
        return cheer

    @classmethod
    def withdraw(cls, owner: User, target: Todo | Diary) -> None:
        """Take my cheer back, if I gave one."""
        for cheer in cls.objects.of(owner).filter(**{target.kind: target}):
            cheer.remove()
