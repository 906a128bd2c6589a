"""The response class of the API."""

from collections.abc import Callable, Mapping

from django.http import HttpResponse
from rest_framework import response

from core.renderers import JSONRenderer

_renderer = JSONRenderer()


class Response(response.Response):
    """DRF's response, rendered at once: with one format there is no renderer to negotiate."""

    def __init__(
        self,
        data: object = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        content_type: str = _renderer.media_type,
    ) -> None:
        self.data = data
        self._post_render_callbacks: list[Callable[..., object]] = []
        # Skips SimpleTemplateResponse.__init__, DRF's own base, which defers rendering.
        HttpResponse.__init__(
            self,
            _renderer.render(data),
            content_type=content_type,
            status=status,
            headers=headers,
        )
        if data is None:
            del self.headers["Content-Type"]
