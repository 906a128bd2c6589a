"""The entry point for an ASGI server.

Recommended and measured is gunicorn with threads (todomate.wsgi).
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")

django_application = get_asgi_application()

type Message = Mapping[str, Any]


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Call Django without the charset of the Content-Type header, as todomate.wsgi does."""
    if scope["type"] == "http":
        scope = scope | {"headers": [remove_charset(*header) for header in scope["headers"]]}
    await django_application(scope, receive, send)


def remove_charset(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if name == b"content-type" and b"charset" in value.lower():
        value = value.partition(b";")[0]
    return name, value
