"""The entry point for an ASGI server; gunicorn with threads (todomate.wsgi) is what is measured and recommended."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")

django_application = get_asgi_application()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Django's, without charsets, as in todomate.wsgi."""
    if scope["type"] == "http":
        headers = [
            (k, v.partition(b";")[0] if k == b"content-type" else v) for k, v in scope["headers"]
        ]
        scope = scope | {"headers": headers}
    await django_application(scope, receive, send)
