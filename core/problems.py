"""Every error the API can answer with: its code, its status and its words (RFC 9457).

`code` never changes; the words are Korean or English by Accept-Language. The catalogue is todomate/locale.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException


@dataclass(frozen=True)
class Kind:
    status: int
    title: str | Promise
    detail: str | Promise


_CONFLICT = _("This does not fit what is stored")

CATALOGUE: dict[str, Kind] = {
    "bad_request": Kind(400, _("The request is not understood"), _("The request could not be read.")),
    "parse_error": Kind(400, _("The request is not understood"), _("The body is not valid JSON.")),
    "invalid": Kind(400, _("Some fields are not valid"), _("Correct the fields listed in errors and send again.")),
    "oneself": Kind(400, _("Not with oneself"), _("Nobody can follow or block themselves.")),
    "not_authenticated": Kind(401, _("Sign in first"), _("This needs a valid access token.")),
    "token_not_valid": Kind(
        401, _("Sign in again"), _("The token is not valid, has expired, or its session has ended.")
    ),
    "invalid_credentials": Kind(401, _("Sign-in failed"), _("The email or the password is wrong.")),
    "permission_denied": Kind(403, _("Not yours"), _("You can see this, but you may not change it.")),
    "private": Kind(403, _("A private account"), _("Only accepted followers can see this.")),
    "not_found": Kind(404, _("Not found"), _("There is nothing here that you can see.")),
    "method_not_allowed": Kind(405, _("Not possible here"), _("This path does not offer that method.")),
    "duplicate": Kind(409, _CONFLICT, _("There is one already; existing names it when it is yours.")),
    "id_taken": Kind(409, _CONFLICT, _("This id is in use. Make a new one.")),
    "limit": Kind(409, _CONFLICT, _("No more than %(limit)s are possible here.")),
    "goal_not_active": Kind(409, _CONFLICT, _("The goal is not active and takes no new todos.")),
    "goal_not_empty": Kind(
        409, _CONFLICT, _("The goal still holds todos or quick inputs; cascade=true deletes them with it.")
    ),
    "done": Kind(409, _CONFLICT, _("The todo is done; a finished day does not change.")),
    "put_back_instead": Kind(
        409, _CONFLICT, _("This todo came from a quick input: put it back instead of archiving it.")
    ),
    "not_offered": Kind(409, _CONFLICT, _("The quick input offers nothing on this date.")),
    "dismissed": Kind(409, _CONFLICT, _("The offer of this date was dismissed; undo that first.")),
    "activated": Kind(409, _CONFLICT, _("The offer of this date is a todo already.")),
    "deleted": Kind(410, _("Deleted"), _("What had this id was deleted.")),
    "payload_too_large": Kind(413, _("Too large"), _("The body is larger than this server takes.")),
    "uri_too_long": Kind(414, _("Too long"), _("The address is longer than this server takes.")),
    "headers_too_large": Kind(431, _("Too long"), _("The headers are longer than this server takes.")),
    "unsupported_media_type": Kind(415, _("Send JSON"), _("The body must be application/json.")),
    "throttled": Kind(429, _("Too many attempts"), _("Wait for the seconds that Retry-After says, then try again.")),
    "server_error": Kind(500, _("Our fault"), _("Something broke here; it has been logged. Nothing was changed.")),
    "busy": Kind(503, _("Busy"), _("The server cannot answer at the moment. Send the same again shortly.")),
}


def body(code: str, **extra: Any) -> dict[str, Any]:
    """The problem document of `code`; `extra` adds members, and fills the placeholders of its detail."""
    kind = CATALOGUE[code]
    detail = str(kind.detail)
    return {
        "type": f"urn:todomate:problem:{code}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": detail % extra if "%(" in detail else detail,
        "code": code,
        **extra,
    }


class Problem(APIException):
    """An error of the catalogue. `extra` becomes members of the answer, as `existing` or the counts of a goal."""

    def __init__(self, code: str, **extra: Any) -> None:
        self.status_code = CATALOGUE[code].status
        self.code = code
        self.extra = extra
        if self.status_code == 401:
            self.auth_header = 'Bearer realm="api"'
        super().__init__(detail=code, code=code)


class LimitReached(Problem):
    """409: there are as many as there may be."""

    def __init__(self, limit: int) -> None:
        super().__init__("limit", limit=limit)


class Throttled(Problem):
    """429, with the whole seconds to wait."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__("throttled")
