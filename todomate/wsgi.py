"""The entry point for gunicorn."""

import os
from collections.abc import Iterable
from io import BytesIO
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from operations.serving.receiving import AUTH_PATH, MAX_AUTH_BODY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")

django_application = get_wsgi_application()
# Imports all views now, so that the first request does not wait for it.
_ = get_resolver().url_patterns


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Call Django after correcting two parts of the request that it misreads."""
    remove_charset(environ)
    count_chunked_body(environ)
    return django_application(environ, start_response)


def remove_charset(environ: WSGIEnvironment) -> None:
    """Remove the charset from the Content-Type header.

    Bodies are UTF-8. Django looks up any charset and fails for codecs that are not of text.
    """
    content_type, semicolon, parameters = environ.get("CONTENT_TYPE", "").partition(";")
    if semicolon and "charset" in parameters.lower():
        environ["CONTENT_TYPE"] = content_type.strip()


def count_chunked_body(environ: WSGIEnvironment) -> None:
    """Set the length of a body that is sent in chunks.

    Without Content-Length Django takes the body for empty. At most one byte more than the maximum
    is read, which is enough to refuse the body.
    """
    if environ.get("CONTENT_LENGTH") or not environ.get("wsgi.input_terminated"):
        return
    if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    is_auth = environ["PATH_INFO"].startswith(AUTH_PATH)
    maximum = MAX_AUTH_BODY if is_auth else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        body = environ["wsgi.input"].read(maximum + 1)
    except OSError as error:  # the client has hung up; Django answers that
        environ["CONTENT_LENGTH"] = "1"
        environ["wsgi.input"] = Unreadable(error)
        return
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = BytesIO(body)


class Unreadable(BytesIO):
    """The body of a client that has hung up."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def read(self, size: int | None = -1, /) -> bytes:
        raise self.error
