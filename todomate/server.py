"""The gunicorn worker: what it refuses before Django sees it is refused in the API's own form.

Too long an address, broken headers and the like are answered by gunicorn itself, with a page of HTML.
"""

from typing import Any

from django.utils import translation
from gunicorn import util  # type: ignore[import-untyped]  # it has no types
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # as above

CODES = {403: "permission_denied", 414: "uri_too_long", 431: "headers_too_large", 500: "server_error"}
REASONS = {
    "permission_denied": "Forbidden",
    "uri_too_long": "URI Too Long",
    "headers_too_large": "Request Header Fields Too Large",
    "server_error": "Internal Server Error",
}


class Draft:
    """Stands for the client's socket while gunicorn writes its own answer, and keeps it."""

    written = b""

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, data: bytes) -> None:
        self.written += data

    @property
    def status(self) -> int:
        return int(self.written.split(b" ", 2)[1]) if self.written else 0


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gthread, with problem documents."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        draft = Draft()
        super().handle_error(req, draft, addr, exc)  # logs it and settles the status
        try:
            util.write_nonblock(client, problem(CODES.get(draft.status, "bad_request")))
        except OSError:
            self.log.debug("The client did not wait for the answer.")


def problem(code: str) -> bytes:
    """A whole HTTP response. In English: the language that the client asked for may never have been read."""
    from todomate.api.exceptions import problem_response  # noqa: PLC0415  # Django is not set up where gunicorn starts

    with translation.override("en"):
        answer = problem_response(code)
    head = (
        f"HTTP/1.1 {answer.status_code} {REASONS.get(code, 'Bad Request')}\r\n"
        f"Content-Type: {answer['Content-Type']}\r\nContent-Length: {len(answer.content)}\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + answer.content
