"""Which people, follows and tombstones, and how they are fetched."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from core import days
from core.model_fields import fold
from core.problems import Problem

LAST_CHARACTER = "\U0010ffff"

if TYPE_CHECKING:
    from accounts.models import User


def blocks_between(viewer: "User", person: str) -> Exists:
    """Whether the viewer and the person at the outer query's field path `person` have blocked one another."""
    block = apps.get_model("accounts", "Block")
    mine, theirs = Q(blocker=viewer, blocked=OuterRef(person)), Q(blocker=OuterRef(person), blocked=viewer)
    return Exists(block.objects.filter(mine)) | Exists(block.objects.filter(theirs))  # type: ignore[return-value]  # Q-like


def exists_for(viewer: "User", path: str = "") -> Q:
    """Whether the person at the field path `path` ("owner__"; empty for people themselves) exists for the viewer: an
    active one, unless either has blocked the other.

    Not `is_active=True`: of a column without an index MySQL's planner believes that one row in ten has the value that
    is asked for, so it began with all people and read every cheer that somebody had received for a page of fifty.
    """
    return ~Q(**{f"{path}is_active": False}) & Q(~blocks_between(viewer, f"{path}pk"))


class UserQuerySet(models.QuerySet[Any]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_uuid(self, uuid: UUID) -> Self:
        """The person with this id in the API, or none."""
        return self.filter(uuid=uuid)

    def with_email(self, email: str) -> Self:
        """The person with this normalised email, or none."""
        return self.filter(email=email)

    def with_profile(self) -> Self:
        return self.select_related("profile")

    def seen_by(self, viewer: "User") -> Self:
        """The people who exist for the viewer: active ones, unless either has blocked the other."""
        return self.filter(exists_for(viewer))

    def search(self, text: str) -> Self:
        """Whose handle or nickname begins with the folded `text`; those who hide from search left out.

        As ranges, which every database reads from the columns' indexes. LIKE would do that too on MySQL, but there its
        range ends at U+FFFF: "ab🍣" does not begin with "ab". As a question of its own, since of the profile that the
        list is ordered by MySQL reads all handles from the first on, in order, until a page of them match.
        """
        begins = (text, text + LAST_CHARACTER)
        matches = Q(handle__range=begins) | Q(nickname_folded__range=begins)
        profiles = apps.get_model("accounts", "Profile").objects.filter(matches, is_searchable=True)
        return self.filter(pk__in=profiles.values("pk"))

    def strangers(self) -> Self:
        """People without any part in running the server."""
        return self.filter(is_staff=False, is_superuser=False)

    def found_by_operator(self, text: str, at_most: int = 100) -> list[int]:
        """The keys of people whose email or handle begins with `text`, or whose id it is: each asked of one index."""
        text = fold(text.removeprefix("@"))
        begins = (text, text + LAST_CHARACTER)
        profiles = apps.get_model("accounts", "Profile").objects
        keys = list(self.filter(email__range=begins).values_list("pk", flat=True)[:at_most])
        keys += profiles.filter(handle__range=begins).values_list("pk", flat=True)[:at_most]
        with suppress(ValueError):
            keys += self.with_uuid(UUID(text)).values_list("pk", flat=True)
        return keys

    def with_handle(self, handle: str) -> Self:
        """The person with this folded handle."""
        return self.filter(profile__handle=handle)

    def me(self, user: "User") -> "User":
        """Somebody as they see themselves, counts included. Raises Problem `token_not_valid` for who is gone."""
        myself: User | None = self.with_profile().with_relations(user).filter(pk=user.pk).first()
        if myself is None:
            raise Problem("token_not_valid")
        return myself

    def followers_of(self, person: "User") -> Self:
        return self.filter(follows__followee=person, follows__state="accepted")

    def followed_by(self, person: "User") -> Self:
        return self.filter(followed_by__follower=person, followed_by__state="accepted")

    def blocked_by(self, blocker: "User") -> Self:
        """Whom the blocker can unblock, also when that person blocks them too."""
        return self.filter(blocked_by__blocker=blocker, is_active=True)

    def blockable_by(self, viewer: "User") -> Self:
        """The people who exist for the viewer, and those whom they blocked already: blocking may come twice."""
        blocked = apps.get_model("accounts", "Block").objects.filter(blocker=viewer, blocked=OuterRef("pk"))
        return self.filter(exists_for(viewer) | Q(Exists(blocked), is_active=True))

    def open_to(self, viewer: "User") -> Self:
        """Whose followers and following the viewer may see: oneself, who is not private, who lets them follow."""
        follow = apps.get_model("accounts", "Follow")
        mine = Exists(follow.objects.accepted().filter(follower=viewer, followee=OuterRef("pk")))
        return self.filter(Q(pk=viewer.pk) | Q(profile__is_private=False) | Q(mine))

    def with_relations(self, viewer: "User") -> Self:
        """With `follow_state` (of the viewer's follow: none, pending or accepted), `is_following`, `follows_me`, and
        the counts of followers and of followed people that exist for the viewer."""
        follow = apps.get_model("accounts", "Follow")
        to_them = follow.objects.filter(follower=viewer, followee=OuterRef("pk"))
        to_me = follow.objects.filter(follower=OuterRef("pk"), followee=viewer)
        return self.annotate(
            follow_state=Coalesce(Subquery(to_them.values("state")), Value("none")),
            is_following=Exists(to_them.accepted()),
            follows_me=Exists(to_me.accepted()),
            followers_count=_count(viewer, of="follower", by="followee"),
            following_count=_count(viewer, of="followee", by="follower"),
        )


def _count(viewer: "User", *, of: str, by: str) -> Any:
    follow = apps.get_model("accounts", "Follow")
    rows = follow.objects.accepted().filter(exists_for(viewer, f"{of}__"), **{by: OuterRef("pk")})
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


class FollowQuerySet(models.QuerySet[Any]):
    def accepted(self) -> Self:
        return self.filter(state="accepted")

    def pending(self) -> Self:
        return self.filter(state="pending")

    def of(self, follower: "User", followee: "User") -> Self:
        """The one direction: one row or none."""
        return self.filter(follower=follower, followee=followee)

    def requests_to(self, person: "User") -> Self:
        """Who waits for this person's yes, as their list of requests shows it."""
        return self.pending().filter(followee=person, follower__is_active=True)

    def with_followers(self) -> Self:
        """With what the follower's card shows, in the same query."""
        return self.select_related("follower__profile")

    def accept(self) -> int:
        """Make the requests among them follows."""
        return self.pending().update(state="accepted", updated_at=days.now())

    def between(self, one: "User", other: "User") -> Self:
        """Both directions."""
        return self.filter(Q(follower=one, followee=other) | Q(follower=other, followee=one))


class SessionQuerySet(models.QuerySet[Any]):
    def of(self, user: "User") -> Self:
        return self.filter(user=user)

    def of_all(self, people: Iterable["User"]) -> Self:
        return self.filter(user__in=people)

    def alive(self, now: datetime) -> Self:
        return self.filter(ends_at__gt=now, user__is_active=True)

    def old(self, now: datetime) -> Self:
        return self.filter(ends_at__lte=now)

    def end(self, pk: UUID) -> None:
        """Sign this one out; once more is the same."""
        self.filter(pk=pk).delete()


class TombstoneQuerySet(models.QuerySet[Any]):
    def lay(self, owner: "User", kind: str, ids: Iterable[UUID], also_of: "User | None" = None) -> None:
        """Remember that these rows of `owner` were deleted. May come twice."""
        now = days.now()
        rows = [self.model(id=pk, owner=owner, also_of=also_of, kind=kind, deleted_at=now) for pk in ids]
        self.bulk_create(rows, ignore_conflicts=True)

    def known_to(self, person: "User", kind: str, pk: UUID) -> Self:
        """The one of this id, for whoever could have deleted the row."""
        return self.filter(Q(owner=person) | Q(also_of=person), pk=pk, kind=kind)

    def old(self, now: datetime) -> Self:
        return self.filter(deleted_at__lt=now - timedelta(days=settings.TOMBSTONE_DAYS))


class AttemptQuerySet(models.QuerySet[Any]):
    def old(self, now: datetime) -> Self:
        return self.filter(ends_at__lte=now)


class OwnedQuerySet(models.QuerySet[Any]):
    """For models with an `owner`."""

    def of(self, owner: "User") -> Self:
        return self.filter(owner=owner)

    def bury(self, owner: "User") -> None:
        """Remember these rows of the owner's, which are about to be deleted, and do what else that brings about."""
        tombstones = apps.get_model("accounts", "Tombstone").objects
        tombstones.lay(owner, self.model.kind, self.values_list("pk", flat=True))

    def with_cards(self) -> Self:
        """With what a person's card shows, in the same query."""
        return self.select_related("owner__profile")
