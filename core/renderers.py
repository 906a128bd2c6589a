"""JSON as the only format of requests and responses."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from django.utils.functional import Promise
from rest_framework import negotiation, parsers, renderers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

# Datetimes are UTC; MySQL returns them without a time zone.
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def _to_json_type(value: object) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value)} cannot be written as JSON")


class JSONRenderer(renderers.BaseRenderer):
    """Render with orjson. None is an empty body."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_to_json_type, option=OPTIONS)


# Lists and objects in a body. Each takes up to 88 bytes of memory for three of the body, and a text
# of 20,000 brackets is still accepted.
MAX_CONTAINERS = 25_000
# orjson reads JSON that is nested 1,024 deep, and writes 254. A body with fewer lists and objects
# than this cannot be deeper.
DEEPEST = 254


class JSONParser(parsers.BaseParser):
    """Parse with orjson, which refuses NaN, lone surrogates, invalid UTF-8 and deep nesting."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read()
        containers = body.count(b"[") + body.count(b"{")
        if containers > MAX_CONTAINERS:
            raise ParseError
        try:
            value = orjson.loads(body)
            if containers > DEEPEST:
                orjson.dumps(value)  # or an error in writing it would be the server's
        except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
            raise ParseError from error
        return {} if value is None else value  # null is no body


class AlwaysJSON(negotiation.BaseContentNegotiation):
    """Answer with JSON regardless of the Accept header, such as */* or text/html."""

    def select_parser(
        self, request: Request, parsers: Iterable[parsers.BaseParser]
    ) -> parsers.BaseParser | None:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[renderers.BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[renderers.BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)
