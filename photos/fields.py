"""Reading what bodies say about photos: ids, and photos as answers show them."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.models import User
from core.fields import IdField
from photos.models import Photo
from photos.pictures import AttachedPhotoSerializer
from resources.models import Tombstone

_ID = IdField()
# What an answer shows of a photo, which may be sent back.
SHOWN = frozenset(AttachedPhotoSerializer().fields) | {"alt"}


def read_id(item: object) -> UUID:
    """Return the id in an item: a text, or a photo as an answer shows it. Raise ValidationError."""
    if not isinstance(item, dict):
        return _id(item)
    if item.keys() - SHOWN:
        raise serializers.ValidationError(
            [ErrorDetail(str(_("There is no field with this name.")), code="unknown_field")]
        )
    if "id" not in item:
        _ID.fail("required")
    return _id(item["id"])


def _id(value: object) -> UUID:
    pk: UUID = _ID.run_validation(value)
    return pk


def own_photos(owner: User, ids: Iterable[UUID]) -> list[UUID]:
    """Return those of the ids that are photos of the owner, in order.

    Photos that the owner has deleted are left out: another device did so, or a day passed, since
    this one read the row or was offline, and what else it says must not be lost. Raise
    ValidationError for ids of nothing of the owner's.
    """
    wanted = list(dict.fromkeys(ids))
    found = set(Photo.objects.of(owner).filter(pk__in=wanted).values_list("pk", flat=True))
    missing = [pk for pk in wanted if pk not in found]
    if missing:
        known = Tombstone.objects.filter(owner=owner, kind=Photo.kind, pk__in=missing)
        if known.count() < len(missing):
            text = _("You have no {model} with this id.").format(model=Photo._meta.verbose_name)
            raise serializers.ValidationError([ErrorDetail(str(text), code="does_not_exist")])
    return [pk for pk in wanted if pk in found]
