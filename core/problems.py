"""Catalogue of the API's errors: the code, status, title and detail of each (RFC 9457).

Codes never change. Title and detail are in Korean or English, depending on Accept-Language; the
translations are in todomate/locale.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException


@dataclass(frozen=True)
class ProblemType:
    status: int
    title: str | Promise
    detail: str | Promise


_CONFLICT = _("Conflict with stored data")

CATALOGUE: dict[str, ProblemType] = {
    "bad_request": ProblemType(400, _("Bad request"), _("The request could not be read.")),
    "parse_error": ProblemType(400, _("Bad request"), _("The request body is not valid JSON.")),
    "invalid": ProblemType(
        400,
        _("Some fields are invalid"),
        _("Some of it is not valid. Correct it and try again."),
    ),
    "bad_picture": ProblemType(
        400, _("Not a picture"), _("This picture is broken or empty. Choose another one.")
    ),
    "too_many_pixels": ProblemType(
        400, _("Picture too large"), _("This picture has too many pixels. Make it smaller.")
    ),
    "oneself": ProblemType(
        400, _("Not allowed on yourself"), _("You cannot follow or block yourself.")
    ),
    "not_authenticated": ProblemType(401, _("Sign in first"), _("You need to sign in for this.")),
    "token_not_valid": ProblemType(
        401, _("Sign in again"), _("You are not signed in any more. Sign in again.")
    ),
    "invalid_credentials": ProblemType(
        401, _("Sign-in failed"), _("The email or password is incorrect.")
    ),
    "second_factor_required": ProblemType(
        401,
        _("Sign-in failed"),
        _("Enter the code of your authenticator app, or a recovery code."),
    ),
    "second_factor_invalid": ProblemType(
        401, _("Sign-in failed"), _("The code is wrong or was used before.")
    ),
    "permission_denied": ProblemType(
        403, _("Permission denied"), _("You can see this, but you cannot change it.")
    ),
    "private": ProblemType(403, _("Private account"), _("Only accepted followers can see this.")),
    "https_required": ProblemType(
        403,
        _("Use https"),
        _("The API answers over https only. Anyone on the way could read what this request held."),
    ),
    "sign_up_closed": ProblemType(
        403, _("Sign-ups are closed"), _("This server does not take new accounts.")
    ),
    "invitation_required": ProblemType(
        403,
        _("Invitation required"),
        _("This server takes new accounts by invitation. Ask its operator for a link."),
    ),
    "invitation_not_valid": ProblemType(
        403,
        _("Invitation not valid"),
        _("This invitation is unknown, used up or expired. Ask for a new one."),
    ),
    "not_found": ProblemType(404, _("Not found"), _("This does not exist, or you cannot see it.")),
    "method_not_allowed": ProblemType(
        405, _("Method not allowed"), _("This path does not support this method.")
    ),
    "duplicate": ProblemType(409, _CONFLICT, _("This already exists.")),
    "id_taken": ProblemType(409, _CONFLICT, _("This could not be saved. Try again.")),
    "second_factor_on": ProblemType(
        409, _CONFLICT, _("The second factor is on already. Turn it off first.")
    ),
    "limit": ProblemType(409, _CONFLICT, _("The limit is %(limit)s.")),
    "goal_not_active": ProblemType(
        409, _CONFLICT, _("The goal is not active, so you cannot add todos to it.")
    ),
    "goal_not_empty": ProblemType(
        409,
        _CONFLICT,
        _("The goal still has todos or quick inputs, which would be deleted too."),
    ),
    "done": ProblemType(409, _CONFLICT, _("The todo is done, so it cannot be put back.")),
    "put_back_instead": ProblemType(
        409, _CONFLICT, _("This todo came from a quick input. Put it back instead of archiving it.")
    ),
    "not_offered": ProblemType(409, _CONFLICT, _("The quick input has no offer on this date.")),
    "dismissed": ProblemType(
        409, _CONFLICT, _("The offer on this date was dismissed. Undo the dismissal first.")
    ),
    "photo_in_use": ProblemType(409, _CONFLICT, _("The photo is used elsewhere.")),
    "activated": ProblemType(409, _CONFLICT, _("The offer on this date is already a todo.")),
    "deleted": ProblemType(410, _("Deleted"), _("This item was deleted.")),
    "payload_too_large": ProblemType(
        413, _("Too large"), _("The request body is larger than this server accepts.")
    ),
    "uri_too_long": ProblemType(
        414, _("Too long"), _("The URL is longer than this server accepts.")
    ),
    "headers_too_large": ProblemType(
        431, _("Too long"), _("The request headers are longer than this server accepts.")
    ),
    "unsupported_media_type": ProblemType(
        415, _("Send JSON"), _("The request body must be application/json.")
    ),
    "unsupported_picture": ProblemType(
        415,
        _("Another kind of picture"),
        _("This server does not take pictures of this kind. Choose a JPEG, PNG or WebP."),
    ),
    "throttled": ProblemType(
        429,
        _("Too many attempts"),
        _("Too many attempts. Try again later."),
    ),
    "server_error": ProblemType(
        500,
        _("Server error"),
        _("An error occurred on the server and was logged. A change may or may not be made."),
    ),
    "outcome_unknown": ProblemType(
        503,
        _("Outcome unknown"),
        _("It is not known whether the change was saved. Try again: it is not made twice."),
    ),
    "photos_unavailable": ProblemType(
        503,
        _("Photos cannot be saved"),
        _("The server cannot save photos at the moment. Try again later."),
    ),
    "busy": ProblemType(
        503,
        _("Server busy"),
        _("The server cannot respond at the moment. Try again shortly."),
    ),
}

# Details of `limit` by its member `what`, where there is more than one limit of the same thing.
LIMITS: dict[object, Promise] = {
    "unattached": _(
        "%(limit)s uploaded photos are shown nowhere yet. Use them, or delete some of them first."
    ),
    "photos": _("You can have %(limit)s photos in all. Delete some of them first."),
    "megabytes": _("Your photos can take up %(limit)s MB in all. Delete some of them first."),
}


def body(code: str, **extra: object) -> dict[str, Any]:
    """Return the problem document of `code`.

    `extra` adds members to it and fills the placeholders of its detail.
    """
    problem_type = CATALOGUE[code]
    detail = str(LIMITS.get(extra.get("what"), problem_type.detail))
    return {
        "type": f"urn:todomate:problem:{code}",
        "title": str(problem_type.title),
        "status": problem_type.status,
        "detail": detail % extra if "%(" in detail else detail,
        "code": code,
        **extra,
    }


# Seconds until a request that could not be served is sent again.
RETRY_AFTER = 2


class Problem(APIException):
    """An error of the catalogue.

    `extra` becomes members of the problem document, such as `existing` or the counts of a goal.
    """

    def __init__(self, code: str, **extra: object) -> None:
        self.status_code = CATALOGUE[code].status
        self.code = code
        self.extra = extra
        if self.status_code == 503:
            self.wait = RETRY_AFTER
        if self.status_code == 401:
            self.auth_header = 'Bearer realm="api"'
        super().__init__(detail=code, code=code)


class Crowded(Problem):
    """503 `busy`: too many want the same at once. The server is well, so it is not logged."""

    def __init__(self) -> None:
        super().__init__("busy")


class LimitReached(Problem):
    """409: the account has the maximum number of items. `what` is a key of LIMITS, if any."""

    def __init__(self, limit: int, what: str | None = None) -> None:
        super().__init__("limit", limit=limit, **{} if what is None else {"what": what})


class Throttled(Problem):
    """429, with the number of seconds to wait."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__("throttled")
