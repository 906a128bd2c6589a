"""JSON in, JSON out."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from django.utils.functional import Promise
from rest_framework import negotiation, parsers, renderers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

# Instants are UTC; those that come straight from MySQL do not say so.
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value)} has no form in JSON")


class JSONRenderer(renderers.BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_plain, option=OPTIONS)


class JSONParser(parsers.BaseParser):
    """Refuses what JSON is not: NaN, lone surrogates, bytes that are not UTF-8, nesting too deep for a reader."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError from error


class AlwaysJSON(negotiation.BaseContentNegotiation):
    """One format, whatever Accept says: a phone that asks for */* or text/html still gets JSON."""

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
