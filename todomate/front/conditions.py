"""Conditional requests for what changes with a release or a setting only."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseNotModified
from django.utils.http import parse_etags

# Headers of the response that its 304 has too (RFC 9110, section 15.4.5).
KEPT = ("Cache-Control", "ETag", "Vary")


def unless_current(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    """Return the response with its ETag, or 304 if the client holds that very content.

    If-None-Match alone is looked at: the other conditions are for writes, of which there are none.
    """
    response.headers["ETag"] = etag
    held = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    if held.isdisjoint({"*", etag}):
        return response
    kept = {name: response.headers[name] for name in KEPT if name in response.headers}
    return HttpResponseNotModified(headers=kept)
