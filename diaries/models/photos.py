"""The photos of diaries, in their order."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from photos.models import Photo

PHOTOS_PER_DIARY = 10
ALT_LENGTH = 300


class DiaryPhoto(models.Model):
    """A photo of a diary, with its place in the order and a text for who cannot see it."""

    # Without constraints in the database: a release that does not know this table deletes diaries
    # and people. What is left of them then is shown to nobody.
    diary = models.ForeignKey(
        "diaries.Diary", models.CASCADE, related_name="+", db_constraint=False
    )
    photo = models.OneToOneField(
        Photo, models.CASCADE, related_name="+", primary_key=True, db_constraint=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    alt = models.CharField(_("alternative text"), max_length=ALT_LENGTH, blank=True, default="")

    class Meta:
        verbose_name = _("photo of a diary")
        verbose_name_plural = _("photos of diaries")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @classmethod
    def set(cls, diary: Any, wanted: Mapping[UUID, str | None]) -> None:
        """Give the diary these photos of its owner, in this order; delete those not named.

        The values are alternative texts; None leaves one as it is. What is deleted meanwhile is
        left out. Idempotent. The diary must be locked, and its owner before it. Raise Problem
        `photo_in_use` if one is elsewhere.
        """
        present = {entry.photo_id: entry for entry in DiaryPhoto.objects.filter(diary=diary)}
        gone = [pk for pk in present if pk not in wanted]
        cls.delete_photos(diary, gone)
        added = Photo.attach(diary.owner, [pk for pk in wanted if pk not in present])
        there = present.keys() | {photo.pk for photo in added}
        texts = {pk: alt for pk, alt in wanted.items() if pk in there}
        changed = []
        for position, (pk, alt) in enumerate(texts.items()):
            if entry := present.get(pk):
                now = position, entry.alt if alt is None else alt
                if (entry.position, entry.alt) != now:
                    entry.position, entry.alt = now
                    changed.append(entry)
        cls.show(diary, texts, only={photo.pk for photo in added})
        DiaryPhoto.objects.bulk_update(changed, ["position", "alt"])
        if gone or added or changed:
            diary.photos_count = len(texts)
            # Other devices notice the change by `updated_at`.
            diary.save(update_fields=["photos_count", "updated_at"])

    @classmethod
    def show(
        cls, diary: Any, texts: Mapping[UUID, str | None], only: Collection[UUID] | None = None
    ) -> None:
        """Insert the rows of these attached photos, or of `only` some of them."""
        DiaryPhoto.objects.bulk_create(
            [
                DiaryPhoto(diary=diary, photo_id=pk, position=position, alt=alt or "")
                for position, (pk, alt) in enumerate(texts.items())
                if only is None or pk in only
            ]
        )

    @classmethod
    def delete_photos(cls, diary: Any, ids: list[UUID] | None = None) -> None:
        """Delete these photos of the diary, all of them by default, with their files."""
        rows = cls.objects.filter(diary=diary)
        if ids is None:
            ids = list(rows.values_list("photo", flat=True)) if diary.photos_count else []
        if ids:
            rows.filter(photo__in=ids).delete()
            Photo.objects.filter(pk__in=ids).remove(diary.owner)
