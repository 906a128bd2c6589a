"""/.well-known/: the host's files, and the page on which people change their password."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt

from core.exceptions import problem_response
from core.well_known import CONTENT_TYPES, UnusableFileError, read
from todomate.front.conditions import unless_current
from todomate.front.documents import etag_of

logger = logging.getLogger(__name__)


@csrf_exempt  # a POST must get 405 instead of the 403 of the CSRF check
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return a file of WELL_KNOWN_DIR. Raise Http404 for any other name, and without the file."""
    content = _content(name)
    if content is None:
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return problem_response("method_not_allowed", Allow="GET, HEAD")
    headers = {"Cache-Control": "public, max-age=3600"}
    response = HttpResponse(content, content_type=CONTENT_TYPES[name], headers=headers)
    return unless_current(request, response, etag_of(content))


def _content(name: str) -> bytes | None:
    if not settings.WELL_KNOWN_DIR or name not in CONTENT_TYPES:
        return None
    try:
        return read(settings.WELL_KNOWN_DIR, name)
    except UnusableFileError as error:
        logger.warning("%s in WELL_KNOWN_DIR %s.", name, error)
        return None


@csrf_exempt  # as above
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Redirect to CHANGE_PASSWORD_URL, which password managers look for here.

    Raise Http404 without one: then they go to the start page by themselves.
    """
    if not settings.CHANGE_PASSWORD_URL:
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return problem_response("method_not_allowed", Allow="GET, HEAD")
    return HttpResponseRedirect(settings.CHANGE_PASSWORD_URL)
