"""The picture of a person: one of their photos, under a name that cannot be guessed.

Everyone who meets the person's card may fetch it, so its URL needs no signature; the name changes
with the picture, and what was replaced is deleted.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.credentials.views import SignedInView
from accounts.models import Profile, User
from core.exceptions import field_error
from core.pictures import avatar
from core.responses import Response
from core.serializers import PictureSerializer, Serializer
from core.views import OpenView
from fastlists import compiled
from photos.models import Photo
from photos.pictures import send
from photos.store import TYPE
from resources.relations import OwnField


class AvatarSerializer(Serializer):
    """The photo that becomes the caller's picture."""

    photo = OwnField(Photo, help_text="A photo of the caller that is on nothing else.")


def set_avatar(owner: User, photo: Photo | None) -> None:
    """Make the photo the owner's picture, and delete the one before. Idempotent.

    Raise Problem `photo_in_use` if it is elsewhere.
    """
    owner.lock()
    profile = Profile.objects.get(pk=owner.pk)
    before, after = profile.avatar, photo and photo.key
    if before == after:
        return
    if photo is not None and not Photo.attach(owner, [photo.pk]):  # deleted meanwhile
        text = _("You have no {model} with this id.").format(model=Photo._meta.verbose_name)
        raise field_error("photo", text, "does_not_exist")
    profile.change(avatar=after)
    Photo.objects.filter(key=before).remove(owner)


class AvatarView(SignedInView):
    operation_ids: ClassVar = {"PUT": "set_avatar", "DELETE": "delete_avatar"}

    @extend_schema(request=AvatarSerializer, responses=PictureSerializer)
    def put(self, request: Request) -> Response:
        """Make a photo the caller's picture. The one before is deleted.

        Repeating the request has no further effect.
        """
        photo = self.read_body(AvatarSerializer)["photo"]
        set_avatar(self.viewer, photo)
        return Response(avatar(photo.key))

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """Delete the caller's picture. Repeating the request has no further effect."""
        set_avatar(self.viewer, None)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AvatarPictureView(OpenView):
    operation_ids: ClassVar = {"GET": "get_avatar_picture"}

    def quota_without_person(self, request: Request) -> str:
        return "pictures"

    @extend_schema(responses={(200, TYPE): OpenApiTypes.BINARY})
    def get(self, request: Request, key: UUID) -> HttpResponse:
        """Return the picture of a person in WebP, at most 400 pixels wide and high.

        Its URL is that of an `avatar`.
        """
        if shown_by.first(key) is None:
            raise NotFound
        return send(request._request, key, "small")


@compiled(Profile)
def shown_by(key: UUID) -> QuerySet[Profile, Any]:
    """Select the active person who has this picture."""
    return Profile.objects.filter(avatar=key, user__is_active=True).values_list("pk")
