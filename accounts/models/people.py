"""Accounts: people who sign in, and follow and block each other."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import connection, models, transaction
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext_lazy as _

from accounts.models.former import FormerAccount
from accounts.models.profiles import Profile
from accounts.models.relations import Block, Follow, exists_for
from accounts.models.sessions import Session
from accounts.names import (
    Taken,
    forms_of_password,
    normalise_email,
    normalise_password,
    range_of_prefix,
)
from core import clock
from core.aggregates import OnlyValue
from core.erasing import AT_ONCE, count_with_dependents
from core.model_fields import BinaryUUIDField, ExactCharField, fold, new_id
from core.models import Stamped
from core.pipeline import execute_with_next
from core.problems import Problem
from core.quotas import require_room
from core.replicas.routing import also_affects
from core.transactions import Mark
from core.turns import take_turn
from fastlists import compiled

FOUND_AT_MOST = 500  # people, by handle and by nickname


class MailCard(NamedTuple):
    """The columns of an account that letters need. All are None if there is no account."""

    uuid: UUID | None
    email: str | None
    password: str | None
    is_active: bool | None
    nickname: str | None
    locale: str | None


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_uuid(self, uuid: UUID) -> Self:
        """Return the person with this API id: one row or none."""
        return self.filter(uuid=uuid)

    def with_email(self, email: str) -> Self:
        """Return the person with this normalised email: one row or none."""
        return self.filter(email=email)

    def mail_card(self, email: str) -> MailCard:
        """Return what a letter needs of the account with this email.

        One row is read whether or not there is one, in the same time: with aggregates.
        """
        profile = {"nickname": "profile__nickname", "locale": "profile__locale"}
        columns = [profile.get(name, name) for name in MailCard._fields]
        found = self.with_email(email).aggregate(
            **{
                f"the_{name}": OnlyValue(column)
                for name, column in zip(MailCard._fields, columns, strict=True)
            }
        )
        return MailCard(*(found[f"the_{name}"] for name in MailCard._fields))

    def with_handle(self, handle: str) -> Self:
        """Return the person with this folded handle: one row or none."""
        return self.filter(profile__handle=handle)

    def with_profile(self) -> Self:
        return self.select_related("profile")

    # Deleted accounts, which do not exist for anyone

    def deleted(self) -> Self:
        """Return the accounts that were deleted and whose rows are still to be erased."""
        return self.filter(profile__deleted_at__isnull=False)

    def keys_of_deleted(self) -> list[int]:
        """Return the keys of `deleted`. There are none most of the time."""
        return list(Profile.objects.deleted().values_list("pk", flat=True))

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete these accounts with all their rows, but for the record of their ids."""
        with transaction.atomic():
            FormerAccount.objects.record(list(self.order_by().values_list("pk", "uuid")))
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]  # for templates
    delete.queryset_only = True  # type: ignore[attr-defined]  # managers have no such method

    def keys_for_operator(self, text: str, at_most: int = 100) -> list[int]:
        """Return the keys of people by the start of their email or handle, or by their id.

        Each of the three is read from one index, and at most `at_most` rows of each.
        """
        text = fold(text.removeprefix("@"))
        begins = range_of_prefix(text)
        handles = Profile.objects.filter(handle__range=begins)
        keys = list(self.filter(email__range=begins).values_list("pk", flat=True)[:at_most])
        keys += handles.values_list("pk", flat=True)[:at_most]
        with suppress(ValueError):
            keys += self.with_uuid(UUID(text)).values_list("pk", flat=True)
        return keys

    # Seen by a viewer

    def seen_by(self, viewer: "User | None") -> Self:
        """Return the people who exist for the viewer: active, with no block between them.

        For None, a reader without an account, these are the open people.
        """
        return self.filter(exists_for(viewer))

    def open_to(self, viewer: "User") -> Self:
        """Return the people whose followers and following lists the viewer may see.

        These are the viewer, people with a public account, and those the viewer follows.
        """
        accepted = Follow.objects.accepted().filter(follower=viewer, followee=OuterRef("pk"))
        return self.filter(Q(pk=viewer.pk) | Q(profile__is_private=False) | Q(Exists(accepted)))

    def followers_of(self, person: "User") -> Self:
        return self.filter(follows__followee=person, follows__state=Follow.State.ACCEPTED)

    def followed_by(self, person: "User") -> Self:
        return self.filter(followed_by__follower=person, followed_by__state=Follow.State.ACCEPTED)

    def blocked_by(self, blocker: "User") -> Self:
        """Return the active people that `blocker` has blocked, whether or not they block back."""
        return self.filter(blocked_by__blocker=blocker, is_active=True)

    def blockable_by(self, viewer: "User") -> Self:
        """Return the people who exist for the viewer, and those the viewer has blocked already."""
        blocked = Block.objects.filter(blocker=viewer, blocked=OuterRef("pk"))
        return self.filter(exists_for(viewer) | Q(Exists(blocked), is_active=True))

    def with_relations(self, viewer: "User") -> Self:
        """Annotate the relations with the viewer, and the counts of people that the viewer sees.

        `follow_state` is of the viewer's own follow: none, pending or accepted. The other
        annotations are `is_following`, `follows_me`, `followers_count` and `following_count`.
        """
        to_them = Follow.objects.filter(follower=viewer, followee=OuterRef("pk"))
        to_me = Follow.objects.filter(follower=OuterRef("pk"), followee=viewer)
        return self.annotate(
            follow_state=Coalesce(Subquery(to_them.values("state")), Value("none")),
            is_following=Exists(to_them.accepted()),
            follows_me=Exists(to_me.accepted()),
            followers_count=_count(viewer, of="follower", by="followee"),
            following_count=_count(viewer, of="followee", by="follower"),
        )

    def me(self, user: "User") -> "User":
        """Return an account with its own annotations of `with_relations`.

        Raise Problem `token_not_valid` if it has been deleted.
        """
        myself = self.with_profile().with_relations(user).filter(pk=user.pk).first()
        if myself is None:
            raise Problem("token_not_valid")
        return myself


def _count(viewer: "User", *, of: str, by: str) -> Coalesce:
    """Count the accepted follows `by` the outer row, of people who exist for the viewer."""
    rows = Follow.objects.accepted().filter(exists_for(viewer, f"{of}__"), **{by: OuterRef("pk")})
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


@compiled(Profile)
def _handles_within(names: tuple[str, str]) -> models.QuerySet[Profile, Any]:
    people = Profile.objects.filter(is_searchable=True, handle__range=names)
    return people.order_by("handle").values_list("pk")[:FOUND_AT_MOST]


@compiled(Profile)
def _nicknames_within(names: tuple[str, str]) -> models.QuerySet[Profile, Any]:
    people = Profile.objects.filter(is_searchable=True, nickname_folded__range=names)
    return people.order_by("nickname_folded").values_list("pk")[:FOUND_AT_MOST]


def find_by_name(names: Sequence[tuple[str, str]]) -> list[int]:
    """Return the keys of searchable people with a folded nickname in one of these ranges.

    Or with a handle in the first. Of each range, the first FOUND_AT_MOST in the order of an index,
    which is not read any further: many people may have names with the same beginning. Ranges, not
    LIKE, whose range ends at U+FFFF on MySQL: "ab🍣" would not begin with "ab".
    """
    found = _handles_within(names[0])
    for nicknames in names:
        found += _nicknames_within(nicknames)
    return sorted({pk for (pk,) in found})


_UserQuerySetManager = models.Manager.from_queryset(UserQuerySet)


class UserManager(_UserQuerySetManager, BaseUserManager["User"]):
    """Create accounts; nothing else sets a password for the first time."""

    def create_user(
        self,
        email: str,
        password: str | None,
        *,
        nickname: str = "",
        handle: str | None = None,
        **fields: Any,
    ) -> "User":
        """Create an account with its profile. `fields` may be fields of either.

        Raise IntegrityError if the email or the handle is taken.
        """
        of_user = ("uuid", "email_verified_at", "is_active", "is_staff", "is_superuser")
        values = {name: fields.pop(name) for name in of_user if name in fields}
        user = User(email=normalise_email(email), **values)
        user.set_password(password)
        user.save(using=self._db)
        handle = handle or Profile.free_handle(nickname)
        user.profile = Profile.objects.create(
            user=user, handle=handle, nickname=nickname or handle, **fields
        )
        return user

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Look up an account by any spelling of its email, as Django's own sign-in does."""
        return super().get_by_natural_key(normalise_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin, Stamped):
    """A person who signs in by email.

    The API identifies people by `uuid`. Foreign keys use the shorter integer `id`, the first
    column of most indexes.
    """

    uuid = BinaryUUIDField("id", unique=True, default=new_id, editable=False)
    email = ExactCharField(_("email"), max_length=254, unique=True)
    # When its owner proved to read the mail of this address. Null: never, or it was changed since.
    email_verified_at = models.DateTimeField(_("email confirmed at"), null=True, editable=False)
    # The address that replaces it as soon as it is confirmed.
    pending_email = ExactCharField(max_length=254, null=True, editable=False)
    has_second_factor = models.BooleanField(default=False, db_default=False, editable=False)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Whether goals of this person are marked as deleted and still to be erased. The rows in them
    # are then filtered; for everyone else, queries of one's own rows need not look at the goals.
    has_deleted_goals = models.BooleanField(default=False, db_default=False, editable=False)

    # The columns of the id in the API and of its owner, for `core.ids`.
    id_column: ClassVar[str] = "uuid"
    owner_column: ClassVar[str] = "id"
    # Compiled queries may depend on them (fastlists).
    form_fields: ClassVar[tuple[str, ...]] = ("has_deleted_goals",)

    objects: ClassVar[UserManager] = UserManager()
    profile: "Profile"
    # A mark on the transaction in which `lock` was called last.
    _lock: Mark | None = None

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        indexes = [models.Index(name="user_deleted_goals", fields=["has_deleted_goals"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.uuid}"

    @property
    def today(self) -> date:
        """The current date in the person's time zone, with their own start of the day."""
        return self.profile.today

    # Passwords are hashed in NFC: what was set on one keyboard can be typed on any other.

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(None if raw_password is None else normalise_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        if raw_password is None:
            return False
        return any(map(super().check_password, forms_of_password(raw_password)))

    # Locks

    def lock(self) -> None:
        """Lock this person's lists until the transaction ends.

        It is the row of the profile that is locked: every insert that points at a user takes a
        shared lock on the user's row. The lock is taken together with the next statement, and
        once in a transaction however often this is called, unless a savepoint is rolled back in
        between. The next statement raises Problem `token_not_valid` if the account is gone.
        """
        if not connection.in_atomic_block:
            raise TransactionManagementError("Rows can be locked in a transaction only.")
        if self._lock is None or not self._lock.is_set:
            take_turn(self.pk)
            execute_with_next(_lock_sql(), [self.pk], _check_found)
            self._lock = Mark()

    def lock_fresh(self) -> None:
        """Lock, then reload the emails and the password.

        They may have changed while waiting for the lock, or were set on this instance by an
        attempt that was rolled back.
        """
        self.lock()
        self.refresh_from_db(fields=["email", "email_verified_at", "pending_email", "password"])

    def lock_with(self, other: "User") -> None:
        """Lock both people in the order of their keys.

        With a fixed order, two people who follow each other at the same time do not deadlock.
        """
        also_affects(self.pk, other.pk)
        # Turns at `other` have a key of their own: its followers do not use up its own turns.
        take_turn(self.pk)
        take_turn(("other", other.pk))
        profiles = Profile.objects.select_for_update().filter(pk__in=[self.pk, other.pk])
        list(profiles.order_by("pk").only("pk"))

    # Deleting

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=using):
            FormerAccount.objects.record([(self.pk, self.uuid)])
            return super().delete(using=using, keep_parents=keep_parents)

    delete.alters_data = True  # type: ignore[attr-defined]  # for templates

    def remove(self) -> None:
        """Delete the account: at once if few rows belong to it, else by a mark.

        A marked account does not exist for anyone, its email and handle are free, its sessions have
        ended, and `manage.py jobs` erases it. Idempotent.
        """
        account = User.objects.filter(pk=self.pk)
        if count_with_dependents(account, AT_ONCE) <= AT_ONCE:
            account.delete()
            return
        self.lock()
        gone = f"~{self.pk}"  # no email and no handle
        Profile.objects.filter(pk=self.pk).update(
            handle=gone,
            nickname="",
            nickname_folded="",
            bio="",
            avatar=None,
            is_searchable=False,
            is_open=False,
            deleted_at=clock.now(),
        )
        account.update(
            email=gone,
            pending_email=None,
            password="",
            is_active=False,
            is_staff=False,
            is_superuser=False,
        )
        Session.objects.of(self).delete()

    # Signing in

    def replace_password(self, hashed: str, *, keep: UUID | None = None) -> None:
        """Set the password, given as its hash, and end every session but `keep`.

        An email that waits to be confirmed is given up: whoever knew the old password asked for it.
        """
        self.lock_fresh()
        self.change(password=hashed, pending_email=None)
        Session.objects.of(self).exclude(pk=keep).delete()

    def change_email(self, email: str) -> None:
        """Set a normalised email. Raise Problem `duplicate` if another account has it."""
        if User.objects.with_email(email).exclude(pk=self.pk).exists():
            raise Taken("email")
        if email != self.email:
            self.change(email=email, email_verified_at=None, pending_email=None)

    def ask_to_change_email(self, email: str) -> None:
        """Remember the email that is to replace the present one, once it is confirmed."""
        self.lock_fresh()
        self.change(pending_email=email)

    def confirm_email(self, email: str, now: datetime) -> bool:
        """Confirm the present email, or replace it by the pending one. Idempotent.

        Return False if this email is neither, or if another account has it.
        """
        self.lock_fresh()
        if email == self.email:
            self.change(email_verified_at=self.email_verified_at or now)
            return True
        if email != self.pending_email or User.objects.with_email(email).exists():
            return False
        self.change(email=email, email_verified_at=now, pending_email=None)
        return True

    # Following and blocking. All verbs are idempotent.

    def follow(self, other: "User") -> Follow | None:
        """Follow `other`, or request to if the account is private.

        Return None if `other` does not exist for this person. Checked again after locking, because
        a block may have been added meanwhile. Raise Problem `limit`.
        """
        self.lock_with(other)
        person = User.objects.seen_by(self).with_profile().filter(pk=other.pk).first()
        if person is None:
            return None
        state = Follow.State.PENDING if person.profile.is_private else Follow.State.ACCEPTED
        if existing := Follow.objects.of(self, other).first():
            return existing
        require_room("follows", self.pk, lambda: Follow.objects.filter(follower=self))
        return Follow.objects.create(follower=self, followee=other, state=state)

    def unfollow(self, other: "User") -> None:
        """Stop following `other`, or withdraw the request."""
        self.lock_with(other)
        Follow.objects.of(self, other).delete()

    def remove_follower(self, other: "User") -> None:
        """Remove `other` from the followers; a pending request stays."""
        self.lock_with(other)
        Follow.objects.of(other, self).accepted().delete()

    def accept(self, other: "User") -> bool:
        """Accept the follow request of `other`.

        Return False if there is neither a request nor a follow.
        """
        self.lock_with(other)
        Follow.objects.of(other, self).accept()
        return Follow.objects.of(other, self).exists()

    def decline(self, other: "User") -> None:
        """Decline the follow request of `other`; an accepted follow stays."""
        self.lock_with(other)
        Follow.objects.of(other, self).pending().delete()

    def block(self, other: "User") -> None:
        """Block `other`, and delete the follows and requests in both directions.

        The viewer entries of these follows are deleted by cascade. Raise Problem `limit`.
        """
        self.lock_with(other)
        Follow.objects.between(self, other).delete()
        if not Block.objects.filter(blocker=self, blocked=other).exists():
            require_room("blocks", self.pk, lambda: Block.objects.filter(blocker=self))
            Block.objects.create(blocker=self, blocked=other)

    def unblock(self, other: "User") -> None:
        """Remove the block. The follows that it deleted do not come back."""
        self.lock_with(other)
        Block.objects.filter(blocker=self, blocked=other).delete()

    def go_public(self) -> None:
        """Accept all pending requests, after the account stopped being private.

        Locked, so that nobody sends a request while the profile changes.
        """
        self.lock()
        Follow.objects.filter(followee=self).accept()


def _check_found(rows: Sequence[object]) -> None:
    if not rows:
        raise Problem("token_not_valid")


@cache
def _lock_sql() -> str:
    table = connection.ops.quote_name(Profile._meta.db_table)
    lock = connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
    found = "user_id = %s AND deleted_at IS NULL"
    sql = f"SELECT user_id FROM {table} WHERE {found} {lock}"  # noqa: S608  # our own names
    return sql.rstrip()
