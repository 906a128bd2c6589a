"""Follows and blocks, and the condition under which one person exists for another."""

from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from core import clock
from core.models import Stamped


class FollowQuerySet(models.QuerySet["Follow"]):
    def accepted(self) -> Self:
        return self.filter(state=Follow.State.ACCEPTED)

    def pending(self) -> Self:
        return self.filter(state=Follow.State.PENDING)

    def of(self, follower: AbstractBaseUser, followee: AbstractBaseUser) -> Self:
        """Return the follow of `followee` by `follower`: one row or none."""
        return self.filter(follower=follower, followee=followee)

    def between(self, one: AbstractBaseUser, other: AbstractBaseUser) -> Self:
        """Return the follows of two people in both directions."""
        return self.filter(Q(follower=one, followee=other) | Q(follower=other, followee=one))

    def requests_to(self, person: AbstractBaseUser) -> Self:
        """Return the follow requests that this person may accept or decline."""
        return self.pending().filter(followee=person, follower__is_active=True)

    def with_followers(self) -> Self:
        """Join the followers' profiles, which their cards show."""
        return self.select_related("follower__profile")

    def accept(self) -> int:
        """Accept the pending requests among these follows. Return their number."""
        return self.pending().update(state=Follow.State.ACCEPTED, updated_at=clock.now())


class Follow(Stamped):
    """Once accepted, `follower` sees what `followee` shows to followers."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        ACCEPTED = "accepted", _("accepted")

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    followee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="followed_by"
    )
    state = models.CharField(_("state"), max_length=8, choices=State)

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints = [
            models.UniqueConstraint(name="follow_pair", fields=["follower", "followee"]),
            models.CheckConstraint(name="follow_not_oneself", condition=~Q(follower=F("followee"))),
        ]
        indexes = [models.Index(name="follow_requests", fields=["followee", "state", "created_at"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.follower_id} → {self.followee_id}"


class Block(Stamped):
    """Neither of the two people exists for the other."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocked_by")

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(name="block_pair", fields=["blocker", "blocked"]),
            models.CheckConstraint(name="block_not_oneself", condition=~Q(blocker=F("blocked"))),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.blocker_id} → {self.blocked_id}"


def blocks_between(viewer: AbstractBaseUser, person: str) -> Q:
    """Return the condition that the viewer or another person has blocked the other.

    `person` is the field path from the filtered rows to the other person's key.
    """
    mine = Block.objects.filter(blocker_id=viewer.pk, blocked=OuterRef(person))
    theirs = Block.objects.filter(blocker=OuterRef(person), blocked_id=viewer.pk)
    return Q(Exists(mine)) | Q(Exists(theirs))


def has_blocked(blocker: str, blocked: str) -> Q:
    """Return the condition that one person of a row has blocked another one of it.

    Both are field paths from the filtered rows to the key of a person.
    """
    block = Block.objects.filter(blocker=OuterRef(blocker), blocked=OuterRef(blocked))
    # MySQL makes a join of a plain EXISTS, for which it reads all blocks that there are.
    return Q(Case(When(Exists(block), then=Value(True)), default=Value(False)))


def exists_for(viewer: AbstractBaseUser | None, path: str = "") -> Q:
    """Return the condition that a person exists for the viewer: active, and no block between them.

    For a reader without an account (None) only open people exist: those who are active, not private
    and chose to be read without signing in. `path` leads from the filtered rows to the person
    ("owner__"; empty for people themselves).
    """
    if viewer is None:
        open_to_all = {
            f"{path}is_active": True,
            f"{path}profile__is_private": False,
            f"{path}profile__is_open": True,
        }
        return Q(**open_to_all)
    # Not `is_active=True`: MySQL's planner assumes that one row in ten has the value of an
    # unindexed column, so it began with all people and read every cheer that somebody had
    # received for a page of fifty.
    return ~Q(**{f"{path}is_active": False}) & ~blocks_between(viewer, f"{path}pk")
