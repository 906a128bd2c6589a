"""The schema as bytes. Making it takes a second or two, so each process makes it once."""

import hashlib
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

_making = Lock()
_RENDERERS = {"json": OpenApiJsonRenderer, "yaml": OpenApiYamlRenderer}


@dataclass(frozen=True)
class Document:
    content: bytes
    content_type: str
    etag: str


def document(form: str) -> Document:
    """The schema as "json" or "yaml"."""
    with _making:  # a second thread waits for the first one's instead of making another
        return _made(form)


@cache
def _made(form: str) -> Document:
    text = _RENDERERS[form]().render(_schema(), renderer_context={})
    content = text.encode() if isinstance(text, str) else text
    content_type = "application/vnd.oai.openapi" + ("+json" if form == "json" else "")
    return Document(content, content_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


@cache
def _schema() -> Any:
    with translation.override("en"):  # one contract, whoever asks first
        return SchemaGenerator().get_schema(request=None, public=True)
