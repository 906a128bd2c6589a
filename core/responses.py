"""What views answer with."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework import response

from core.renderers import JSONRenderer

_renderer = JSONRenderer()


class Response(response.Response):
    """DRF's for an API with one format: rendered at once, where DRF's first asks which of several renderers to take."""

    def __init__(
        self,
        data: Any = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str = _renderer.media_type,
    ) -> None:
        self.data = data
        self._post_render_callbacks: list[Any] = []
        # The template response between, which DRF's is one of, is what would wait for being rendered.
        HttpResponse.__init__(
            self, _renderer.render(data), content_type=content_type, status=status, headers=headers
        )
        if data is None:
            del self.headers["Content-Type"]
