"""Who people are, how they are signed in, and who follows or blocks whom."""

import secrets
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.names import Taken, handle_from, normalise_email
from accounts.querysets import FollowQuerySet, OwnedQuerySet, TombstoneQuerySet, UserQuerySet
from accounts.session_models import Session
from core import days
from core.fields import timezones
from core.model_fields import BinaryUUIDField, ExactCharField, FoldedField, new_id
from core.models import Resource, Stamped
from core.problems import Limit, Problem
from core.ready import ready
from core.replicas.routing import concerns


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a class made by a function
    """Makes people; the only places where a password is set for the first time."""

    def create_user(self, email: str, password: str | None, *, nickname: str = "", **fields: Any) -> "User":
        """A person and their profile. `fields` go to whichever of the two has them.

        Raises IntegrityError when the email or the handle is taken.
        """
        own = {name: fields.pop(name) for name in ("uuid", "is_active", "is_staff", "is_superuser") if name in fields}
        user = User(email=normalise_email(email), **own)
        user.set_password(password)
        user.save(using=self._db)
        handle = fields.pop("handle", None) or Profile.free_handle(nickname)
        user.profile = Profile.objects.create(user=user, handle=handle, nickname=nickname or handle, **fields)
        return user

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Django's hook for signing in, the admin included: any spelling of the email."""
        user: User = self.get(email=normalise_email(username or ""))
        return user


class User(AbstractBaseUser, PermissionsMixin, Stamped):
    """A person who signs in by email. The API knows them by `uuid`; keys of other tables by the short integer."""

    uuid = BinaryUUIDField("id", unique=True, default=new_id, editable=False)
    email = ExactCharField(_("email"), max_length=254, unique=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[UserManager] = UserManager()
    profile: "Profile"

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.uuid}"

    # Time

    @property
    def today(self) -> date:
        """The date this person lives in, by the server's clock and their own zone."""
        return self.profile.today

    # Locks

    def lock(self) -> None:
        """Wait until no other transaction changes this person's lists. Ends with the transaction.

        The profile's row, not the user's: that one is locked by every row that points at it. Raises Problem
        `token_not_valid` for somebody who is gone.
        """
        if not _profile_locked(self):
            raise Problem("token_not_valid")  # the account was deleted meanwhile

    def lock_fresh(self) -> None:
        """Lock, then read again what may have changed meanwhile, or was set here by a try that was rolled back."""
        self.lock()
        self.refresh_from_db(fields=["email", "password"])

    def lock_with(self, other: "User") -> None:
        """Both people's locks, always in the same order, so that two who follow each other at once never deadlock."""
        concerns(self.pk, other.pk)
        list(Profile.objects.select_for_update().filter(pk__in=[self.pk, other.pk]).order_by("pk").only("pk"))

    # Signing in

    def replace_password(self, hashed: str, *, keep: UUID | None = None) -> None:
        """Set the password, given as its hash, and end every session but `keep`, access tokens included."""
        self.lock_fresh()
        self.change(password=hashed)
        Session.objects.of(self).exclude(pk=keep).delete()

    def change_email(self, email: str) -> None:
        """Take a normalised email. Raises Problem `duplicate` when it is somebody else's."""
        if User.objects.with_email(email).exclude(pk=self.pk).exists():
            raise Taken("email")
        self.change(email=email)

    # Following. Each verb may come twice.

    def follow(self, other: "User") -> "Follow | None":
        """Follow, or ask to where the other's account is private. None when the other does not exist for me.

        Asked again under the locks: a block that came in between must not be followed by a follow.
        """
        self.lock_with(other)
        person = User.objects.seen_by(self).with_profile().filter(pk=other.pk).first()
        if person is None:
            return None
        state = Follow.State.PENDING if person.profile.is_private else Follow.State.ACCEPTED
        return Follow.objects.get_or_create(follower=self, followee=other, defaults={"state": state})[0]

    def unfollow(self, other: "User") -> None:
        """Stop following, or take a request back."""
        self.lock_with(other)
        Follow.objects.of(self, other).delete()

    def remove_follower(self, other: "User") -> None:
        """End their follow of me; a request of theirs stays."""
        self.lock_with(other)
        Follow.objects.of(other, self).accepted().delete()

    def accept(self, other: "User") -> bool:
        """Let `other` follow. False when they neither asked nor follow."""
        self.lock_with(other)
        Follow.objects.of(other, self).accept()
        return Follow.objects.of(other, self).exists()

    def decline(self, other: "User") -> None:
        """Say no to a request; a follow stays."""
        self.lock_with(other)
        Follow.objects.of(other, self).pending().delete()

    def block(self, other: "User") -> None:
        """Part from each other: both follows, requests and, as they hang on the follows, viewer entries go."""
        self.lock_with(other)
        Follow.objects.between(self, other).delete()
        Block.objects.get_or_create(blocker=self, blocked=other)

    def unblock(self, other: "User") -> None:
        """Take the block back; what it ended does not come back."""
        self.lock_with(other)
        Block.objects.filter(blocker=self, blocked=other).delete()

    def go_public(self) -> None:
        """Whoever asked to follow does so now. Locked, so that nobody asks while the profile is changing."""
        self.lock()
        Follow.objects.filter(followee=self).accept()


class Weekday(models.TextChoices):
    """In the order of date.weekday()."""

    MON = "mon", _("Monday")
    TUE = "tue", _("Tuesday")
    WED = "wed", _("Wednesday")
    THU = "thu", _("Thursday")
    FRI = "fri", _("Friday")
    SAT = "sat", _("Saturday")
    SUN = "sun", _("Sunday")


class Profile(Stamped):
    """What others see of a person, and how their days run."""

    class Locale(models.TextChoices):
        KO = "ko", "한국어"
        EN = "en", "English"

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="profile")
    handle = ExactCharField(_("handle"), max_length=30, unique=True)
    nickname = models.CharField(_("nickname"), max_length=30)
    nickname_folded = FoldedField(source="nickname", max_length=90, db_index=True)
    bio = models.CharField(_("bio"), max_length=300, blank=True, default="")
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Seoul")
    day_starts_at = models.PositiveSmallIntegerField(
        _("hour at which the day starts"), default=0, validators=[MaxValueValidator(6)]
    )
    week_starts_on = models.CharField(_("week starts on"), max_length=3, choices=Weekday, default=Weekday.MON)
    locale = models.CharField(_("language"), max_length=2, choices=Locale, default=Locale.KO)
    is_private = models.BooleanField(_("private"), default=False)
    is_searchable = models.BooleanField(_("searchable"), default=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [models.CheckConstraint(name="profile_day_starts_at", condition=Q(day_starts_at__lte=6))]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def today(self) -> date:
        zone = self.timezone if self.timezone in timezones() else "UTC"
        return days.today_in(zone, self.day_starts_at, days.now())

    def change_handle(self, handle: str) -> None:
        """Take a folded handle. Raises Problem `duplicate` when it is somebody else's."""
        if Profile.objects.filter(handle=handle).exclude(pk=self.pk).exists():
            raise Taken("handle")
        self.change(handle=handle)

    @classmethod
    def free_handle(cls, nickname: str) -> str:
        """A handle made from the nickname, with letters behind it where that one is taken."""
        wanted = handle_from(nickname)
        if wanted and not cls.objects.filter(handle=wanted).exists():
            return wanted
        return f"{(wanted or 'user')[:21]}.{secrets.token_hex(4)}"


@ready(Profile)
def _profile_locked(user: User) -> QuerySet[Profile, Any]:
    return Profile.objects.filter(user=user).select_for_update().values_list("pk")


class Owned(Resource):
    """A row of one person's. `kind` is its word in tombstones and on cheers."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("owner"))

    kind: ClassVar[str]

    class Meta:
        abstract = True

    def remove(self) -> None:
        """Delete the row and remember that."""
        Tombstone.objects.lay(self.owner, self.kind, [self.pk])
        self.delete()


class Alarm(Owned):
    """A daily local time at which the app reminds its owner."""

    ALARMS_PER_PERSON = 50
    kind = "alarm"

    time = models.TimeField(_("time"))
    is_on = models.BooleanField(_("on"), default=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [models.UniqueConstraint(name="alarm_owner_time", fields=["owner", "time"])]

    @classmethod
    def add(cls, owner: User, **values: Any) -> "Alarm":
        """A new alarm. Raises Problem `duplicate` when there is one at that time, and `limit`."""
        owner.lock()
        cls.require_free(owner, values["time"], None)
        if cls.objects.of(owner).count() >= cls.ALARMS_PER_PERSON:
            raise Limit(cls.ALARMS_PER_PERSON)
        return cls.objects.create(owner=owner, **values)

    def reschedule(self, **values: Any) -> None:
        """Change the time or whether it is on. Raises Problem `duplicate`."""
        self.owner.lock()
        if "time" in values:
            self.require_free(self.owner, values["time"], self.pk)
        if values:
            self.change(**values)

    @classmethod
    def require_free(cls, owner: User, at: Any, pk: UUID | None) -> None:
        """Raise Problem `duplicate` when another of the owner's alarms than `pk` is at that time."""
        existing = cls.objects.of(owner).filter(time=at).exclude(pk=pk).first()
        if existing is not None:
            raise Problem("duplicate", existing=str(existing.pk))


class Follow(Stamped):
    """`follower` sees what `followee` shows to followers, once accepted."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        ACCEPTED = "accepted", _("accepted")

    follower = models.ForeignKey(User, models.CASCADE, related_name="follows")
    followee = models.ForeignKey(User, models.CASCADE, related_name="followed_by")
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
    """Neither of the two exists for the other."""

    blocker = models.ForeignKey(User, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, models.CASCADE, related_name="blocked_by")

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(name="block_pair", fields=["blocker", "blocked"]),
            models.CheckConstraint(name="block_not_oneself", condition=~Q(blocker=F("blocked"))),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.blocker_id} → {self.blocked_id}"


class Tombstone(models.Model):
    """What was deleted, so that a phone that sends a create or a delete again hears so. Kept TOMBSTONE_DAYS."""

    id = BinaryUUIDField(primary_key=True, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tombstones")
    # Who else could delete it, and may say so again: the owner of what was cheered.
    also_of = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20)
    deleted_at = models.DateTimeField(db_index=True)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
