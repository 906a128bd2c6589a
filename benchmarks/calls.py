"""A request, and a WSGI application called with it in this process."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Call:
    """One request: `path` with its query, `token` the access token, `body` JSON or nothing."""

    method: str
    path: str
    token: str
    body: bytes = b""


def environ_of(call: Call) -> dict[str, Any]:
    """What a WSGI server would hand over."""
    path, _, query = call.path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {call.token}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(call.body),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if call.body:
        environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(call.body))}
    return environ


def answer(application: Application, environ: dict[str, Any]) -> tuple[int, bytes]:
    """The status and the body, read to the end and closed, as a server does it."""
    status: list[str] = []

    def start_response(line: str, headers: Any, error: Any = None) -> None:
        status.append(line)

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    return int(status[0][:3]), body
