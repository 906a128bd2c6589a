"""Views of photos."""

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiRequest, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from core import clock
from core.failures import CommitUnknown
from core.fields import NewIdField
from core.problems import Problem
from core.replicas.routing import route_write
from core.responses import Response
from core.transactions import run_write
from core.views import Respond, refuse_encoded
from photos.conversion import TYPES, Converted, accepted_types, convert
from photos.models import Photo
from photos.names import new_key
from photos.serializers import PhotoSerializer
from photos.store import StoreError, remove_quietly, store
from resources.ids import was_created
from resources.viewsets import OwnedViewSet

logger = logging.getLogger(__name__)

MAX_BYTES = 10 << 20  # of an upload; also in operations/serving/receiving.py and nginx.conf
PART = 64 * 1024
_NEW_ID = NewIdField()


class PhotoViewSet(OwnedViewSet):
    """Photos of the caller. A photo is uploaded first, and then named by what shows it."""

    model = Photo
    queryset = Photo.objects.none()
    serializer_class = PhotoSerializer
    ordering = ("id",)
    singular, plural = "photo", "photos"
    quota_names: ClassVar = {"upload": "uploads"}

    def _write(self, respond: Respond) -> HttpResponseBase:
        """Convert an upload outside of a transaction, which would hold a lock meanwhile."""
        if self.request.method == "PUT":
            return route_write(respond)
        return super()._write(respond)

    def has_body(self, request: Request) -> bool:
        """Check the length of an upload, whose body is read when its turn has come."""
        if request.method != "PUT":
            return super().has_body(request)
        refuse_encoded(request._request)
        # A body in chunks was read into memory, and no more of it than of any other body.
        is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
        if length_of(request) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE if is_chunked else MAX_BYTES):
            raise Problem("payload_too_large")
        return True

    def takes_turn(self, request: Request) -> bool:
        """Return False for an upload: it takes a turn of the person when it writes the row."""
        return request.method != "PUT"

    @extend_schema(
        request={kind: OpenApiRequest(OpenApiTypes.BINARY) for kind in TYPES},
        responses={
            200: OpenApiResponse(
                PhotoSerializer, "The photo was uploaded before and is returned unchanged."
            ),
            201: PhotoSerializer,
        },
    )
    def upload(self, request: Request, pk: UUID) -> Response:
        """Upload a picture as a new photo.

        If the caller already has a photo with this id, it is returned unchanged with status 200,
        whatever the body is.
        """
        require_new_id(pk)
        if (existing := self.find(pk)) is not None:
            return Response(PhotoSerializer(existing).data)
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        if kind not in accepted_types():
            raise Problem("unsupported_picture")
        Photo.require_room(self.viewer)  # and once more when the size is known
        picture = convert(parts_of(request))
        photo, is_new = self.keep(pk, picture)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(PhotoSerializer(photo).data, status=code)

    def find(self, pk: UUID) -> Photo | None:
        """Return the caller's photo with this id. Raise Problem `deleted` or `id_taken`."""
        if not was_created(Photo, self.viewer, pk):
            return None
        photo = Photo.objects.of(self.viewer).filter(pk=pk).first()
        if photo is None:  # another device deleted it since
            raise Problem("deleted")
        return photo

    def keep(self, pk: UUID, picture: Converted) -> tuple[Photo, bool]:
        """Store the files, then the row: a row has its files as long as it exists.

        If a parallel upload with this id was first, return its photo.
        """
        key = new_key(clock.now().date())
        try:
            store().put(key, picture.large, picture.small)
        except StoreError as error:
            logger.error("A photo could not be stored: %s", error)  # one sentence
            raise Problem("photos_unavailable") from error
        is_known = True
        try:
            photo = run_write(partial(self.add, pk, key, picture), may_repeat=lambda: True)
            is_known = photo.key == key
        except CommitUnknown:
            raise  # the row may be there, so the files stay; `tidy` compares them
        except Exception:
            is_known = False
            raise
        finally:
            if not is_known:
                remove_quietly(key)
        return photo, is_known

    def add(self, pk: UUID, key: UUID, picture: Converted) -> Photo:
        self.viewer.lock()
        if (existing := self.find(pk)) is not None:
            return existing
        return Photo.add(
            self.viewer,
            id=pk,
            key=key,
            width=picture.width,
            height=picture.height,
            blurhash=picture.blurhash,
            bytes=len(picture.large) + len(picture.small),
        )

    def perform_destroy(self, instance: Any) -> None:
        """Delete a photo that nothing has. What has one is changed first, so all devices know."""
        if instance.used:
            raise Problem("photo_in_use")
        super().perform_destroy(instance)


def require_new_id(pk: UUID) -> None:
    """Raise ValidationError unless the id is one that a client may make."""
    try:
        _NEW_ID.run_validation(str(pk))
    except ValidationError as error:
        raise ValidationError({"id": error.detail}) from error


def length_of(request: Request) -> int:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(length) if length.isascii() and length.isdecimal() else 0


def parts_of(request: Request) -> Iterator[bytes]:
    """Yield the body in parts. Raise Problem `bad_picture` if it is empty or ends early.

    Its length is that of the header, without which a body is as good as empty.
    """
    left = length_of(request)
    if not left:
        raise Problem("bad_picture")
    while left:
        part = request._request.read(min(PART, left))
        if not part:
            raise Problem("bad_picture")
        left -= len(part)
        yield part
