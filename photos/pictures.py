"""Photos in answers, and the base of the views that send the pictures themselves.

Who may see a photo is known to what it is on: `diaries` and `todos` ask their own rule, with these
helpers. Links are in photos/links.py.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NamedTuple
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import register_converter
from django.urls.converters import StringConverter
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.models import User
from core.fields import IdField, InstantField
from core.pictures import instant_of, quarter_of_end, root
from core.problems import Problem
from core.views import OpenView
from fastlists import compiled
from photos.links import SIZES, BadLink, make, viewer_of
from photos.names import names_of
from photos.store import TYPE, StoreError, store

# Seconds for which nginx may fetch a file from S3.
FETCH = 60
# Seconds for which a browser shows what it has, without asking again.
MAX_AGE = 3_600


class Shown(NamedTuple):
    """The columns of a photo that answers show, by their names in `Photo`."""

    id: UUID
    width: int
    height: int
    blurhash: str


COLUMNS = Shown._fields


def show(kind: str, photo: Sequence[Any], viewer: int | None) -> dict[str, Any]:
    """Return a photo, given by its COLUMNS, as answers show it to the viewer with this key.

    It makes two links, in less than 10 µs; a page of lists may have thousands.
    """
    pk, width, height, blurhash = photo
    quarter = quarter_of_end()
    name = str(pk)
    base = f"{root()}{kind}/{name}/"
    return {
        "id": name,
        "url": f"{base}large.webp?link={make(kind, pk, 'large', viewer, quarter)}",
        "small_url": f"{base}small.webp?link={make(kind, pk, 'small', viewer, quarter)}",
        "width": width,
        "height": height,
        "blurhash": blurhash,
        "expires_at": instant_of(quarter),
    }


class AttachedPhotoSerializer(serializers.Serializer[Any]):
    """A photo where it is shown, with links to its two sizes."""

    id = IdField(read_only=True)
    url = serializers.URLField(
        read_only=True, help_text="The picture, at most 1600 pixels wide and high, in WebP."
    )
    small_url = serializers.URLField(
        read_only=True, help_text="The same, at most 400 pixels wide and high."
    )
    width = serializers.IntegerField(read_only=True, help_text="Of the picture at `url`.")
    height = serializers.IntegerField(read_only=True, help_text="Of the picture at `url`.")
    blurhash = serializers.CharField(
        read_only=True, help_text="What to show until the picture is there (blurha.sh)."
    )
    expires_at = InstantField(
        read_only=True,
        help_text="The time at which both links expire. Fetch the item again to get new ones.",
    )


class PictureView(OpenView):
    """Sends a picture to whoever has a link, if the link's viewer may see it now.

    Any fault of a link is a 404, as for a photo that is not there.
    """

    kind: ClassVar[str]

    def key_for(self, viewer: User | None, photo: UUID) -> UUID | None:
        """Return the key of the photo if the viewer (None: not signed in) may see it now."""
        raise NotImplementedError

    def quota_without_person(self, request: Request) -> str:
        return "pictures"

    def check_parameters(self, request: Request) -> None:
        """Raise NotFound for whatever is wrong with them."""
        if set(request.query_params) != {"link"} or len(request.query_params.getlist("link")) > 1:
            raise NotFound

    @extend_schema(
        parameters=[OpenApiParameter("link", str, required=True, description="The link's secret.")],
        responses={(200, TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, photo: UUID, size: str) -> HttpResponse:
        """Return the picture in WebP. The URL is `url` or `small_url` of a photo."""
        try:
            viewer = viewer_of(request.query_params["link"], self.kind, photo, size)
        except BadLink as error:
            raise NotFound from error
        person = None
        if viewer is None:
            if not settings.ANONYMOUS_READING:
                raise NotFound
        else:
            person = active_person.first(viewer)
            if person is None:
                raise NotFound
        key = self.key_for(person, photo)
        if key is None:
            raise NotFound
        return send(request._request, key, size)


@compiled(User)
def active_person(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk, is_active=True)


class SizeConverter(StringConverter):
    """Convert the size in the path of a picture."""

    regex = "|".join(SIZES)


register_converter(SizeConverter, "size")


def send(request: HttpRequest, key: UUID, size: str) -> HttpResponse:
    """Return the answer with a picture: by nginx if it is in front, else from here.

    Raise NotFound if there is no such file, or Problem `busy` if the store does not answer.
    """
    name = getattr(names_of(key), size)
    headers = {
        "Cache-Control": f"private, max-age={MAX_AGE}",
        "Content-Disposition": "inline",
    }
    try:
        if settings.PHOTO_ACCEL:
            return HttpResponse(content_type=TYPE, headers=headers | _to_nginx(request, name))
        tag = f'"{key.hex}-{size}"'  # a file never changes
        headers |= {"ETag": tag, "Accept-Ranges": "bytes"}
        if tag in request.headers.get("If-None-Match", ""):
            unchanged = HttpResponse(status=304, headers=headers)
            del unchanged["Content-Type"]  # a cache would take Django's for that of the picture
            return unchanged
        data = store().read(name)
    except StoreError as error:
        raise Problem("busy") from error
    if data is None:
        raise NotFound
    part = asked_part(request, tag, len(data))
    if part is None:
        return HttpResponse(data, content_type=TYPE, headers=headers)
    if not part:  # as nginx answers
        headers = {"Content-Range": f"bytes */{len(data)}", "Cache-Control": "no-store"}
        return HttpResponse(status=416, content_type=TYPE, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return HttpResponse(
        data[part.start : part.stop], status=206, content_type=TYPE, headers=headers
    )


def _to_nginx(request: HttpRequest, name: str) -> dict[str, str]:
    """Return the headers by which nginx sends the file (nginx/pictures.conf)."""
    if store().folder is not None:
        return {"X-Accel-Redirect": f"/.photos/{quote(name)}"}
    method: Literal["GET", "HEAD"] = "HEAD" if request.method == "HEAD" else "GET"
    return {
        "X-Accel-Redirect": "/.photo-store",
        "X-Photo-Url": store().sign(name, FETCH, method),
    }


def asked_part(request: HttpRequest, tag: str, size: int) -> range | None:
    """Return the part that a Range header asks for, None for the whole of `size` bytes.

    It is empty if it begins behind the end. Whatever is not one range is ignored, as RFC 9110
    (14.2) allows.
    """
    unit, _, wanted = request.headers.get("Range", "").partition("=")
    first, dash, last = wanted.strip().partition("-")
    numbers = [text for text in (first, last) if text]
    if (
        unit.strip().lower() != "bytes"
        or not dash
        or not numbers
        or not all(text.isascii() and text.isdecimal() and len(text) < 12 for text in numbers)
        or request.headers.get("If-Range", tag) != tag
    ):
        return None
    if not first:
        part = range(max(0, size - int(last)), size)
    else:
        if last and int(last) < int(first):
            return None
        part = range(int(first), min(int(last) + 1, size) if last else size)
    return part
