"""Every operation of the API, with a request that succeeds for its owner and the status per viewer.

test_access_matrix.py sends each request as each viewer, once per visibility; test_retries.py sends
each write twice. An operation of the schema without a row here fails a test. To add one:

    "get_goal": Operation("GET", "goals/{goal}/", visible()),

The key is the operationId. Paths and bodies name rows of tests/world.py in braces. The rule says
which status each viewer gets; the functions below return the usual ones. With `or_open` an
operation also answers readers without an account; everything else is 401 for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.base import PASSWORD, new_id
from tests.world import ACCOUNT_VISIBLE_TO, FOLLOWERS, VIEWERS, VISIBLE_TO, visible_to

# (viewer of tests/world.py, visibility of the owner's rows, whether the owner is open) → status.
Rule = Callable[[str, str, bool], int]


@dataclass(frozen=True)
class Operation:
    """A request, and the rule for the status of its answer."""

    method: str
    path: str
    rule: Rule
    body: Any = None
    # Of a list: the name of a row that is in the answer for exactly those viewers who may see it,
    # if the list shows them what others have: `lists_for`.
    lists: str | None = None
    lists_for: frozenset[str] = frozenset(VIEWERS)
    # Whether its owner meets a private row there.
    lists_private: bool = True


def anyone(status: int = 200) -> Rule:
    """Expect `status` for everyone, signed in or not."""
    return lambda viewer, visibility, is_open: status


def signed_in(status: int = 200, *, or_open: bool = False) -> Rule:
    """Expect `status` for everyone signed in: each viewer acts on their own rows. Otherwise 401.

    With `or_open` expect it for everyone: lists show what each may see.
    """
    is_refused = {"anonymous"} - ({"anonymous"} if or_open else set())
    return lambda viewer, visibility, is_open: 401 if viewer in is_refused else status


def visible(status: int = 200, *, or_open: bool = False) -> Rule:
    """Expect `status` for the viewers who may see the row, and 404 for the others."""

    def rule(viewer: str, visibility: str, is_open: bool) -> int:
        if viewer == "anonymous" and not or_open:
            return 401
        return status if viewer in visible_to(visibility, is_open=is_open) else 404

    return rule


def owner_of_visible(status: int = 200) -> Rule:
    """Expect `status` for the owner, 403 for viewers who may see the row, 404 for the others."""

    def rule(viewer: str, visibility: str, is_open: bool) -> int:
        if viewer in ("anonymous", "owner"):
            return 401 if viewer == "anonymous" else status
        return 403 if viewer in VISIBLE_TO[visibility] else 404

    return rule


def picture() -> Rule:
    """Expect 200 for viewers whose link leads to what they may see, 404 for others, 401 never."""

    def rule(viewer: str, visibility: str, is_open: bool) -> int:
        return 200 if viewer in visible_to(visibility, is_open=is_open) else 404

    return rule


def owners_picture() -> Rule:
    """Expect 200 for the owner's link and 404 for all others, whatever the visibility."""
    return lambda viewer, visibility, is_open: 200 if viewer == "owner" else 404


def owner_only(status: int = 200, *, or_open: bool = False) -> Rule:
    """Expect `status` for the owner and 404 for the others, whatever the visibility."""

    def rule(viewer: str, visibility: str, is_open: bool) -> int:
        if viewer == "anonymous" and not or_open:
            return 401
        return status if viewer == "owner" else 404

    return rule


def account_visible(status: int = 200, owner: int | None = None, blocker: int = 404) -> Rule:
    """Expect `status` for the viewers to whom the owner's account is visible, 404 for the others.

    `owner` is the status for the owner where it differs, `blocker` that for a viewer who has
    blocked the owner.
    """

    def rule(viewer: str, visibility: str, is_open: bool) -> int:
        if viewer == "anonymous":
            return 401
        if viewer == "blocker":
            return blocker
        if viewer == "owner" and owner is not None:
            return owner
        return status if viewer in ACCOUNT_VISIBLE_TO else 404

    return rule


def names_own_goal(status: int) -> Rule:
    """Expect `status` for the owner and 400 for the others, as the body names a goal of the owner.

    Another person's goal is an invalid value even for a viewer who may see it.
    """

    def rule(viewer: str, visibility: str, is_open: bool) -> int:
        if viewer == "anonymous":
            return 401
        return status if viewer == "owner" else 400

    return rule


def own_id(status: int = 200) -> Rule:
    """Expect `status` for the owner, and 409 for the others: the id that they choose is taken."""

    def rule(viewer: str, visibility: str, is_open: bool) -> int:
        if viewer == "anonymous":
            return 401
        return status if viewer == "owner" else 409

    return rule


def operations() -> dict[str, Operation]:
    """Return the table by operationId. Each call has new ids for the rows to be created."""
    return {
        # Without signing in
        "get_server": Operation("GET", "", anyone()),
        "get_health_live": Operation("GET", "health/live/", anyone()),
        "get_health_ready": Operation("GET", "health/ready/", anyone()),
        "sign_up": Operation(
            "POST",
            "auth/signup/",
            anyone(201),
            {"id": new_id(), "email": "new@example.com", "password": PASSWORD, "nickname": "New"},
        ),
        "confirm_sign_up": Operation(
            "POST",
            "auth/signup/confirm/",
            anyone(201),
            {"token": "{sign_up_token}", "password": PASSWORD, "device": "phone"},
        ),
        "confirm_email": Operation(
            "POST", "auth/email/confirm/", anyone(204), {"token": "{email_token}"}
        ),
        "sign_in": Operation(
            "POST",
            "auth/token/",
            anyone(),
            {
                "email": "{email}",
                "password": PASSWORD,
                "device": "phone",
                "device_id": new_id(),
            },
        ),
        "refresh_token": Operation(
            "POST", "auth/token/refresh/", anyone(), {"refresh": "{refresh}"}
        ),
        "reset_password": Operation(
            "POST", "auth/password/reset/", anyone(204), {"email": "{email}"}
        ),
        "confirm_password_reset": Operation(
            "POST",
            "auth/password/reset/confirm/",
            anyone(204),
            {"token": "{reset_token}", "new_password": PASSWORD + "!"},
        ),
        # The caller's own account
        "sign_out": Operation("POST", "auth/logout/", signed_in(204)),
        "list_sessions": Operation("GET", "auth/sessions/", signed_in()),
        "end_other_sessions": Operation("DELETE", "auth/sessions/", signed_in(204)),
        "end_session": Operation("DELETE", "auth/sessions/{session}/", signed_in(204)),
        "change_password": Operation(
            "POST",
            "auth/password/change/",
            signed_in(204),
            {"password": PASSWORD, "new_password": PASSWORD + "!"},
        ),
        "verify_email": Operation("POST", "auth/email/verify/", signed_in(204)),
        "get_second_factor": Operation("GET", "auth/second-factor/", signed_in()),
        "start_second_factor": Operation(
            "POST", "auth/second-factor/", signed_in(), {"password": PASSWORD}
        ),
        "confirm_second_factor": Operation(
            "POST", "auth/second-factor/confirm/", names_own_goal(200), {"code": "{first_code}"}
        ),
        "remove_second_factor": Operation(
            "POST", "auth/second-factor/remove/", signed_in(204), {"password": PASSWORD}
        ),
        "get_me": Operation("GET", "me/", signed_in()),
        "update_me": Operation("PATCH", "me/", signed_in(), {"bio": "Hi"}),
        "delete_me": Operation("POST", "me/delete/", signed_in(204), {"password": PASSWORD}),
        "set_avatar": Operation(
            "PUT", "me/avatar/", names_own_goal(200), {"photo": "{spare_photo}"}
        ),
        "delete_avatar": Operation("DELETE", "me/avatar/", signed_in(204)),
        "list_alarms": Operation("GET", "alarms/", signed_in()),
        "create_alarm": Operation(
            "POST", "alarms/", signed_in(201), {"id": new_id(), "time": "21:00"}
        ),
        "get_alarm": Operation("GET", "alarms/{alarm}/", owner_only()),
        "update_alarm": Operation("PATCH", "alarms/{alarm}/", owner_only(), {"is_on": False}),
        "delete_alarm": Operation("DELETE", "alarms/{alarm}/", owner_only(204)),
        # Photos
        "list_photos": Operation("GET", "photos/", signed_in()),
        "upload_photo": Operation("PUT", "photos/{photo}/", own_id(), b"uploaded before"),
        "get_photo": Operation("GET", "photos/{photo}/", owner_only()),
        "delete_photo": Operation("DELETE", "photos/{photo}/", owner_only(204)),
        # People
        "get_avatar_picture": Operation("GET", "pictures/avatars/{avatar}.webp", anyone()),
        "list_users": Operation("GET", "users/?q=owner", signed_in()),
        "get_user": Operation("GET", "users/{owner}/", account_visible()),
        "follow_user": Operation("PUT", "users/{owner}/follow/", account_visible(owner=400)),
        "unfollow_user": Operation("DELETE", "users/{owner}/follow/", signed_in(204)),
        "block_user": Operation(
            "PUT", "users/{owner}/block/", account_visible(204, owner=400, blocker=204)
        ),
        "unblock_user": Operation("DELETE", "users/{owner}/block/", signed_in(204)),
        "remove_follower": Operation("DELETE", "users/{owner}/follower/", signed_in(204)),
        "list_followers": Operation("GET", "users/{owner}/followers/", account_visible()),
        "list_following": Operation("GET", "users/{owner}/following/", account_visible()),
        "list_blocks": Operation("GET", "blocks/", signed_in()),
        "list_follow_requests": Operation("GET", "follow-requests/", signed_in()),
        "accept_follow_request": Operation("PUT", "follow-requests/{pending}/", owner_only(204)),
        "decline_follow_request": Operation("DELETE", "follow-requests/{pending}/", signed_in(204)),
        # Goals
        "list_goals": Operation("GET", "goals/?owner={owner}", signed_in(), lists="goal"),
        "create_goal": Operation(
            "POST", "goals/", signed_in(201), {"id": new_id(), "title": "New"}
        ),
        "get_goal": Operation("GET", "goals/{goal}/", visible()),
        "update_goal": Operation(
            "PATCH", "goals/{goal}/", owner_of_visible(), {"title": "Changed"}
        ),
        "delete_goal": Operation("DELETE", "goals/{goal}/?cascade=true", owner_of_visible(204)),
        "order_goals": Operation(
            "PUT", "goals/order/", signed_in(), {"ids": ["{spare_goal}", "{goal}"]}
        ),
        # Todos
        "list_todos": Operation(
            "GET", "todos/?owner={owner}&date={day}", signed_in(), lists="todo"
        ),
        "create_todo": Operation(
            "POST",
            "todos/",
            names_own_goal(201),
            {"id": new_id(), "goal": "{goal}", "title": "New", "date": "{day}"},
        ),
        "get_todo": Operation("GET", "todos/{todo}/", visible()),
        "update_todo": Operation("PATCH", "todos/{todo}/", owner_of_visible(), {"is_done": True}),
        "delete_todo": Operation("DELETE", "todos/{todo}/", owner_of_visible(204)),
        "get_todo_picture": Operation(
            "GET", "pictures/todos/{todo_photo}/small.webp?link={todo_photo_link}", picture()
        ),
        "order_todos": Operation(
            "PUT", "todos/order/", signed_in(), {"date": "{day}", "ids": ["{activated}", "{todo}"]}
        ),
        "move_todos": Operation(
            "POST", "todos/move/", signed_in(), {"ids": ["{todo}"], "date": "{next_day}"}
        ),
        "delete_todos": Operation(
            "POST", "todos/delete/", signed_in(), {"ids": ["{todo}", "{activated}"]}
        ),
        "list_archive": Operation("GET", "archive/", signed_in()),
        "create_archived_todo": Operation(
            "POST",
            "archive/",
            names_own_goal(201),
            {"id": new_id(), "goal": "{goal}", "title": "Some day"},
        ),
        "archive_todo": Operation("PUT", "archive/{todo}/", owner_of_visible()),
        # Quick inputs
        "list_quick_inputs": Operation("GET", "quick-inputs/", signed_in()),
        "create_quick_input": Operation(
            "POST",
            "quick-inputs/",
            names_own_goal(201),
            {"id": new_id(), "goal": "{goal}", "title": "Stretch", "weekdays": ["mon"]},
        ),
        "get_quick_input": Operation("GET", "quick-inputs/{quick_input}/", owner_only()),
        "update_quick_input": Operation(
            "PATCH", "quick-inputs/{quick_input}/", owner_only(), {"title": "Tea"}
        ),
        "delete_quick_input": Operation("DELETE", "quick-inputs/{quick_input}/", owner_only(204)),
        "list_offers": Operation(
            "GET", "quick-inputs/offers/?date_from={day}&date_to={next_day}", signed_in()
        ),
        "activate_offer": Operation(
            "PUT", "quick-inputs/{quick_input}/offers/{next_day}/todo/", owner_only(201)
        ),
        "put_back_todo": Operation(
            "DELETE", "quick-inputs/{quick_input}/offers/{day}/todo/", owner_only(204)
        ),
        "dismiss_offer": Operation(
            "PUT", "quick-inputs/{quick_input}/offers/{next_day}/dismissal/", owner_only(204)
        ),
        "undo_dismissal": Operation(
            "DELETE", "quick-inputs/{quick_input}/offers/{next_day}/dismissal/", owner_only(204)
        ),
        # Diaries and cheers
        "list_diaries": Operation(
            "GET", "diaries/?owner={owner}", signed_in(or_open=True), lists="diary"
        ),
        "create_diary": Operation(
            "POST",
            "diaries/",
            signed_in(201),
            {"id": new_id(), "date": "{next_day}", "body": "Dear diary"},
        ),
        "get_diary": Operation("GET", "diaries/{diary}/", visible(or_open=True)),
        "update_diary": Operation(
            "PATCH", "diaries/{diary}/", owner_of_visible(), {"body": "Changed"}
        ),
        "delete_diary": Operation("DELETE", "diaries/{diary}/", owner_of_visible(204)),
        "get_diary_picture": Operation(
            "GET", "pictures/diaries/{diary_photo}/small.webp?link={diary_photo_link}", picture()
        ),
        "list_cheers": Operation("GET", "cheers/?todo={todo}", signed_in(), lists="cheer"),
        "cheer_todo": Operation("PUT", "cheers/todos/{activated}/", visible(201), {"emoji": "🎉"}),
        "withdraw_cheer_from_todo": Operation("DELETE", "cheers/todos/{todo}/", visible(204)),
        "cheer_diary": Operation("PUT", "cheers/diaries/{diary}/", visible(201), {"emoji": "❤"}),
        "withdraw_cheer_from_diary": Operation("DELETE", "cheers/diaries/{diary}/", visible(204)),
        "delete_cheer": Operation("DELETE", "cheers/{cheer}/", owner_of_visible(204)),
        "list_posts": Operation(
            "GET",
            "posts/?owner={owner}&hashtag=good",
            signed_in(or_open=True),
            lists="diary",
            lists_private=False,
        ),
        "list_timeline": Operation(
            "GET", "timeline/", signed_in(), lists="diary", lists_for=FOLLOWERS
        ),
        # Composed reads
        "get_day": Operation("GET", "days/{day}/?owner={owner}", account_visible()),
        "get_today": Operation("GET", "days/today/?owner={owner}", account_visible()),
        "get_calendar": Operation(
            "GET", "calendar/?month=2026-03&owner={owner}", account_visible()
        ),
    }


def always_private_operations() -> list[tuple[str, Operation]]:
    """Return more rows (operationId, Operation): archived todos and drafts are always private."""
    rows = []
    for noun, path, body, or_open in (
        ("todo", "todos/{archived}/", {"title": "Changed"}, False),
        ("diary", "diaries/{draft}/", {"body": "Changed"}, True),
    ):
        rows += [
            (f"get_{noun}", Operation("GET", path, owner_only(or_open=or_open))),
            (f"update_{noun}", Operation("PATCH", path, owner_only(), body)),
            (f"delete_{noun}", Operation("DELETE", path, owner_only(204))),
        ]
    for noun, path in (("todo", "todos/{archived_photo}"), ("diary", "diaries/{draft_photo}")):
        link = "{archived_photo_link}" if noun == "todo" else "{draft_photo_link}"
        place = f"pictures/{path}/small.webp?link={link}"
        rows.append((f"get_{noun}_picture", Operation("GET", place, owners_picture())))
    rows.append(("archive_todo", Operation("PUT", "archive/{archived}/", owner_only())))
    cheers = (("todo", "cheers/todos/{archived}/"), ("diary", "cheers/diaries/{draft}/"))
    rows += [
        (f"cheer_{noun}", Operation("PUT", path, owner_only(201), {"emoji": "🎉"}))
        for noun, path in cheers
    ]
    return rows


OPERATIONS_THAT_WRITE = [
    name for name, operation in operations().items() if operation.method != "GET"
]
