"""The entry point for gunicorn."""

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")

django_application = get_wsgi_application()
# All views are loaded before the first request, which would wait for it.
_ = get_resolver().url_patterns


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django's, after two things are put right that it would read wrongly."""
    name_no_charset(environ)
    count_chunked_body(environ)
    return django_application(environ, start_response)


def name_no_charset(environ: dict[str, Any]) -> None:
    """What is sent here is UTF-8; Django would look any name up, and break on one that is no charset of texts."""
    kind, semicolon, parameters = environ.get("CONTENT_TYPE", "").partition(";")
    if semicolon and "charset" in parameters.lower():
        environ["CONTENT_TYPE"] = kind.strip()


def count_chunked_body(environ: dict[str, Any]) -> None:
    """A body sent in chunks has no length, which Django takes for no body, so that what was in it would be lost.

    No more is read than is needed to see that it is too large.
    """
    if environ.get("CONTENT_LENGTH") or not environ.get("wsgi.input_terminated"):
        return
    if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(len(body)), BytesIO(body)
