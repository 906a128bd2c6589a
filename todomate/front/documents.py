"""Documents that are made once in each process and sent to everyone, with an ETag and in gzip."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from todomate.front.conditions import unless_current


def etag_of(content: bytes) -> str:
    """Return a strong ETag: equal content has the same one in every process."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def accepts_gzip(header: str) -> bool:
    """Return whether the Accept-Encoding header of a request names gzip and does not refuse it."""
    for entry in header.lower().split(","):
        name, _, parameters = entry.partition(";")
        if name.strip() == "gzip":
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", parameters)
    return False


@dataclass(frozen=True)
class Document:
    """Content in both encodings, each with its ETag."""

    content: bytes
    content_type: str
    etag: str
    compressed: bytes
    compressed_etag: str

    @classmethod
    def of(cls, content: bytes, content_type: str) -> Document:
        """Return the document, compressed as far as it goes, which takes 25 ms for the schema."""
        compressed = gzip.compress(content, 9, mtime=0)
        return cls(content, content_type, etag_of(content), compressed, etag_of(compressed))

    def answer(self, request: HttpRequest, headers: dict[str, str]) -> HttpResponse:
        """Return the document in the encoding that the client takes, or 304 if it has that.

        `headers` are further ones. nginx leaves an answer alone that has a Content-Encoding.
        """
        content, etag = self.content, self.etag
        headers = {"Cache-Control": "no-cache", **headers}
        if accepts_gzip(request.headers.get("Accept-Encoding", "")):
            content, etag = self.compressed, self.compressed_etag
            headers["Content-Encoding"] = "gzip"
        response = HttpResponse(content, content_type=self.content_type, headers=headers)
        patch_vary_headers(response, ["Accept-Encoding"])
        return unless_current(request, response, etag)
