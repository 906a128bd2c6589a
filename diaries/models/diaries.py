"""Diaries: one entry per person and date."""

import datetime as dt  # `date` is the name of a field
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Self
from uuid import UUID

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User
from accounts.visibility import Visibility, visible_to
from core import clock
from core.model_fields import ExactCharField
from core.problems import Problem
from core.quotas import require_room
from diaries.models.labels import PLACE_LENGTH, Labelled, labels_in
from diaries.models.photos import DiaryPhoto
from photos.models import Photo
from resources.models import Owned, OwnedQuerySet

BODY_LENGTH = 20_000
HOTTEST = 100  # degrees of the temperature
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
RANDOM_BITS = 20


def post_number(published_at: dt.datetime) -> int:
    """Return a number for the post that was published then: milliseconds, and 20 random bits.

    If it is taken, which is one chance in a million for two posts of one millisecond, the database
    refuses it and `run_write` runs the write again, with another number.
    """
    milliseconds = (published_at - EPOCH) // dt.timedelta(milliseconds=1)
    return milliseconds << RANDOM_BITS | secrets.randbits(RANDOM_BITS)


# What `publication` depends on.
PUBLICATION = ("is_draft", "visibility", "post", "published_at")


def publication(
    *,
    is_draft: bool = False,
    visibility: str = Visibility.PRIVATE,
    post: int | None = None,
    published_at: dt.datetime | None = None,
    **_others: object,
) -> dict[str, Any]:
    """Return the changes that publish a diary with these values, or hide it; {} if it is as it is.

    A post that was hidden returns to the time of its first publication: nobody gets to the top by
    hiding and showing. No other change moves a post.
    """
    if is_draft or visibility == Visibility.PRIVATE:
        return {} if post is None else {"post": None}
    if post is not None:
        return {}
    published_at = published_at or clock.now()
    return {"post": post_number(published_at), "published_at": published_at}


class DiaryQuerySet(OwnedQuerySet["Diary"]):
    def posts(self) -> Self:
        """Return the diaries that are posts.

        The release before may have hidden some of those with a number: see `relabelling`.
        """
        shown = Q(post__isnull=False, is_draft=False) & ~Q(visibility=Visibility.PRIVATE)
        return self.filter(shown)

    def labelled(self, label: UUID) -> Self:
        """Return the posts that have this label."""
        return self.filter(label_of_post__label=label)

    def visible_to(self, viewer: User | None) -> Self:
        """Return the viewer's own diaries, and others' by their visibility, except drafts."""
        rows = Q(is_draft=False) & visible_to(viewer, Diary)
        return self.filter(rows if viewer is None else Q(owner=viewer) | rows)


class Diary(Owned):
    """A diary entry (일기) for one date, with the mood."""

    kind = "diary"

    date = models.DateField(_("date"))
    body = models.TextField(_("body"), blank=True, default="", max_length=BODY_LENGTH)
    emoji = ExactCharField(_("mood"), max_length=32, null=True)
    temperature = models.PositiveSmallIntegerField(
        _("temperature"), null=True, validators=[MaxValueValidator(HOTTEST)]
    )
    color = ExactCharField(_("colour"), max_length=7, null=True)
    visibility = models.CharField(
        _("visibility"), max_length=9, choices=Visibility, default=Visibility.PRIVATE
    )
    # Follows, not people, as for goals.
    viewers = models.ManyToManyField(Follow, related_name="+", verbose_name=_("viewers"))
    is_draft = models.BooleanField(_("draft"), default=False)
    # A diary that is neither a draft nor private is a post (게시). `post` is its number, in the
    # order of time, and null while it is hidden; the time of its first publication stays.
    post = models.BigIntegerField(null=True, unique=True, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    allows_comments = models.BooleanField(_("allows comments"), default=False, db_default=False)
    # The name alone, as its writer has it: `diaries.models.labels` says why.
    place = ExactCharField(_("place"), max_length=PLACE_LENGTH, null=True)
    latitude = models.FloatField(_("latitude"), null=True)
    longitude = models.FloatField(_("longitude"), null=True)
    photos_count = models.PositiveSmallIntegerField(
        _("photos"), default=0, db_default=0, editable=False
    )

    objects = DiaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("diary")
        verbose_name_plural = _("diaries")
        permissions = [("read_diary", "Can read diaries")]
        indexes = [
            models.Index(name="diary_timeline", fields=["owner", "post", "visibility"]),
            models.Index(name="diary_public", fields=["visibility", "post"]),
        ]
        constraints = [
            models.UniqueConstraint(name="diary_of_day", fields=["owner", "date"]),
            models.CheckConstraint(
                name="diary_temperature",
                condition=Q(temperature__isnull=True) | Q(temperature__lte=HOTTEST),
            ),
        ]

    @classmethod
    def add(cls, owner: User, *, date: dt.date, **values: Any) -> "Diary":
        """Create the owner's diary of a date.

        `photos` are alternative texts by the ids of photos. Raise Problem `duplicate` if there is
        one, `limit`, or `photo_in_use`.
        """
        cls.require_free(owner, date)
        require_room("diaries", owner.pk, lambda: cls.objects.of(owner))
        # Before the row is there: whoever refuses a create must find none with its id.
        photos = values.pop("photos", None) or {}
        attached = {photo.pk for photo in Photo.attach(owner, photos)} if photos else ()
        texts = {pk: alt for pk, alt in photos.items() if pk in attached}
        values["photos_count"] = len(texts)
        diary = cls.insert(owner=owner, date=date, **values | publication(**values))
        if texts:
            DiaryPhoto.show(diary, texts)
        diary.set_labels()
        return diary

    def edit(self, *, date: dt.date | None = None, **values: Any) -> None:
        """Change the given fields. Raise Problem `duplicate` if the new date has a diary."""
        if date is not None and date != self.date:
            self.require_free(self.owner, date)
            values["date"] = date
        before = self.post, self.body, self.place
        now = {name: getattr(self, name) for name in PUBLICATION}
        if self.published_at is None and publication(**now):
            # It was shown by a release before posts, and `relabelling` has not met it yet.
            now["published_at"] = values["published_at"] = self.created_at
        self.change(**values | publication(**now | values))
        if before != (self.post, self.body, self.place):
            self.set_labels(*before)

    def set_labels(self, post: int | None = None, body: str = "", place: str | None = None) -> None:
        """Label the post by its text and place; the arguments are what these were before.

        Only posts have labels, so that a hidden diary's words are found nowhere.
        """
        before = {} if post is None else labels_in(body, place)
        if post not in (None, self.post):
            Labelled.objects.of_post(post).delete()
            before = {}
        labels = {} if self.post is None else labels_in(self.body, self.place)
        if self.post is not None and labels.keys() != before.keys():
            Labelled.objects.replace(self.post, labels)

    def is_up_to_date(self, labels: set[UUID]) -> bool:
        """Return whether `bring_up_to_date` has nothing to do, if the post has these labels."""
        if self._missed():
            return False
        return self.post is None or labels == labels_in(self.body, self.place).keys()

    def bring_up_to_date(self) -> None:
        """Do what `add` and `edit` of a release before posts did not. `updated_at` stays."""
        before, missed = self.post, self._missed()
        if missed:
            for name, value in missed.items():
                setattr(self, name, value)
            Diary.objects.filter(pk=self.pk).update(**missed)
        if before not in (None, self.post):
            Labelled.objects.of_post(before).delete()
        if self.post is not None:
            Labelled.objects.replace(self.post, labels_in(self.body, self.place))

    def _missed(self) -> dict[str, Any]:
        """Return the changes of its publication, which was at its creation at the latest."""
        now = {name: getattr(self, name) for name in PUBLICATION}
        return publication(**now | {"published_at": self.published_at or self.created_at})

    @classmethod
    def require_free(cls, owner: User, day: dt.date) -> None:
        """Raise Problem `duplicate` if the owner has a diary of the date."""
        if existing := cls.of_day(owner, day):
            raise Problem("duplicate", existing=str(existing))

    @classmethod
    def of_day(cls, owner: User, day: dt.date) -> UUID | None:
        """Return the id of the owner's diary of the date, if there is one."""
        return cls.objects.of(owner).filter(date=day).values_list("pk", flat=True).first()

    def set_photos(self, wanted: Mapping[UUID, str | None] | None) -> None:
        """Give the diary these photos, as `DiaryPhoto.set` does; None leaves them as they are."""
        if wanted is not None:
            DiaryPhoto.set(self, wanted)

    @classmethod
    def having(cls, photos: list[UUID]) -> Iterable[UUID]:
        """Return those of these photos that are on a diary that exists."""
        present = Exists(cls.objects.filter(pk=OuterRef("diary_id")))
        rows = DiaryPhoto.objects.filter(present, photo__in=photos)
        return rows.values_list("photo", flat=True)

    def remove(self) -> None:
        """Delete the diary with its photos, and record the tombstones."""
        DiaryPhoto.delete_photos(self)
        super().remove()
