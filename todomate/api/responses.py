"""What views answer with."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from todomate.api.renderers import JSONRenderer

_renderer = JSONRenderer()


class Response(HttpResponse):
    """DRF's for an API with one format: rendered at once, where DRF's first asks which of several renderers to take."""

    def __init__(
        self,
        data: Any = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str = _renderer.media_type,
    ) -> None:
        self.data = data
        super().__init__(_renderer.render(data), content_type=content_type, status=status, headers=headers)
        if data is None:
            del self.headers["Content-Type"]
