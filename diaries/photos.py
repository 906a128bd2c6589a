"""The photos of a diary in its answers and bodies, and the views that send their pictures."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from core.fields import IdField, StringField
from core.problems import LimitReached
from core.serializers import Serializer
from diaries.models import ALT_LENGTH, PHOTOS_PER_DIARY, Diary, DiaryPhoto
from fastlists import CompiledFunction, compiled
from photos.fields import own_photos, read_id
from photos.pictures import COLUMNS, AttachedPhotoSerializer, PictureView, show

_ALT = StringField(max_length=ALT_LENGTH, allow_blank=True)


class DiaryPhotoSerializer(AttachedPhotoSerializer):
    """A photo of a diary, with links to its two sizes."""

    alt = serializers.CharField(
        read_only=True, help_text="What it shows, for who cannot see it. May be empty."
    )


class NamedPhotoSerializer(Serializer):
    """A photo of the caller that a diary is to have."""

    id = IdField(help_text="The id of the photo.")
    alt = StringField(
        required=False,
        allow_blank=True,
        max_length=ALT_LENGTH,
        help_text="What it shows, for who cannot see it. Left out, it stays as it is.",
    )


@extend_schema_field(DiaryPhotoSerializer(many=True))
class PhotosField(serializers.Field):
    """The photos of a diary in order: one query for all diaries of a page that have any.

    In a body an item may also be the id alone, or a photo as it was read.
    """

    default_error_messages = {"not_a_list": _("This must be a list of ids.")}
    null_is_left_out: ClassVar[bool] = True
    # For the schema of requests, which does not tell of ids alone and of photos as they were read:
    # generators have no good type for either of two.
    request_items = NamedPhotoSerializer
    most = PHOTOS_PER_DIARY
    # For fastlists
    of_rows_if = "photos_count"

    @staticmethod
    def empty_of_rows() -> list[dict[str, Any]]:
        return []

    depends_on_viewer = True

    def to_internal_value(self, data: object) -> dict[UUID, str | None]:
        """Return the alternative texts by id, in order; None where the item has none."""
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > PHOTOS_PER_DIARY:
            raise LimitReached(PHOTOS_PER_DIARY)
        texts: dict[UUID, str | None] = {}
        for item in data:
            alt = item.get("alt") if isinstance(item, dict) else None
            texts.setdefault(read_id(item), None if alt is None else _ALT.run_validation(alt))
        owner = self.context["request"].user
        return {pk: texts[pk] for pk in own_photos(owner, texts)}

    def get_attribute(self, instance: Diary) -> list[dict[str, Any]]:
        if not instance.photos_count:
            return []
        viewer = self.context["request"].user
        key = None if viewer is None else viewer.pk
        return self.of_rows(Diary, [instance.pk], key)[instance.pk]

    def to_representation(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return value

    @staticmethod
    def of_rows(
        model: type[Diary], keys: list[UUID], viewer: int | None
    ) -> dict[UUID, list[dict[str, Any]]]:
        """Return the photos of each of these diaries, with links for the viewer with this key."""
        photos: dict[UUID, list[dict[str, Any]]] = {key: [] for key in keys}
        for diary, alt, *photo in photos_of(keys):
            photos[diary].append(show("diaries", photo, viewer) | {"alt": alt})
        return photos


photos_of = CompiledFunction(
    DiaryPhoto,
    lambda keys: (
        DiaryPhoto.objects.filter(diary__in=keys)
        .order_by("diary", "position", "photo")
        .values_list("diary_id", "alt", *(f"photo__{name}" for name in COLUMNS))
    ),
)


class DiaryPictureView(PictureView):
    kind = "diaries"
    operation_ids: ClassVar = {"GET": "get_diary_picture"}

    def key_for(self, viewer: User | None, photo: UUID) -> UUID | None:
        row = key_of.first(viewer, photo)
        return None if row is None else UUID(str(row[0]))


@compiled(DiaryPhoto)
def key_of(viewer: User | None, photo: UUID) -> QuerySet[DiaryPhoto, Any]:
    """Select the key of a photo, if it is on a diary that the viewer sees."""
    diaries = Diary.objects.visible_to(viewer).order_by()
    return DiaryPhoto.objects.filter(photo=photo, diary__in=diaries).values_list("photo__key")
