"""Admin pages of photos."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse

from photos.models import Photo
from photos.store import TYPE, StoreError, store
from resources.admin import ContentAdmin


@admin.register(Photo)
class PhotoAdmin(ContentAdmin):
    """Photos. The picture itself is shown to who has the permission, and each look is logged."""

    list_display = ("id", "person", "width", "height", "bytes", "used", "created_at")
    list_filter = ("used",)
    fields = (
        "id",
        "person",
        "width",
        "height",
        "bytes",
        "used",
        "created_at",
        "updated_at",
    )

    def content_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send the picture, once the access is allowed and logged. No link leads to it."""
        answer = super().content_view(request, object_id)
        if answer.status_code != 200:
            return answer
        photo = self.get_object(request, unquote(object_id))
        try:
            data = None if photo is None else store().read(photo.names.large)
        except StoreError as error:
            raise Http404(str(error)) from error
        if data is None:
            raise Http404
        # As all pages of the admin it is not stored by browsers.
        return HttpResponse(data, content_type=TYPE)
