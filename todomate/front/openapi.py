"""The OpenAPI schema as a document. Generating it takes seconds, so each process does it once."""

from functools import cache
from threading import Lock
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from core.schema.openapi30 import as_3_0
from todomate.front.documents import Document

_lock = Lock()
_RENDERERS = {"json": OpenApiJsonRenderer, "yaml": OpenApiYamlRenderer}


def document(form: str, version: str = "3.1") -> Document:
    """Return the schema as "json" or "yaml", in the version 3.1 or 3.0 of OpenAPI."""
    with _lock:  # a second thread waits for the first instead of generating the schema too
        return _generate(form, version)


def schema() -> dict[str, Any]:
    """Return the schema. It is the one copy of this process and must not be changed."""
    with _lock:
        return _schema()


@cache
def _generate(form: str, version: str) -> Document:
    schema = as_3_0(_schema()) if version == "3.0" else _schema()
    text = _RENDERERS[form]().render(schema, renderer_context={})
    content = text.encode() if isinstance(text, str) else text
    content_type = "application/vnd.oai.openapi" + ("+json" if form == "json" else "")
    return Document.of(content, content_type)


@cache
def _schema() -> dict[str, Any]:
    with translation.override("en"):  # one document for all clients
        schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema
