"""Every operation of the schema with a request that works for its owner, and who gets which answer.

test_access_matrix.py sends each as each viewer under each visibility; test_retries.py sends each write twice. What
the schema has and this table has not fails a test: whoever adds a route adds its row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.base import PASSWORD, new_id
from tests.world import EXISTS_FOR, SEES

Rule = Callable[[str, str], int]


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    rule: Rule
    body: Any = None
    # Lists: the name of the row that is in the answer for those who see it.
    lists: str | None = None


def open_to_all(status: int = 200) -> Rule:
    return lambda viewer, visibility: status


def signed_in(status: int = 200) -> Rule:
    """Everyone has their own."""
    return lambda viewer, visibility: 401 if viewer == "anonymous" else status


def sees(status: int = 200) -> Rule:
    """Who may see it; it does not exist for the others."""

    def rule(viewer: str, visibility: str) -> int:
        if viewer == "anonymous":
            return 401
        return status if viewer in SEES[visibility] else 404

    return rule


def owner_of_what_is_seen(status: int = 200) -> Rule:
    """The owner; who only sees it is told so."""

    def rule(viewer: str, visibility: str) -> int:
        if viewer in ("anonymous", "owner"):
            return 401 if viewer == "anonymous" else status
        return 403 if viewer in SEES[visibility] else 404

    return rule


def owner_alone(status: int = 200) -> Rule:
    """What is never anyone else's."""

    def rule(viewer: str, visibility: str) -> int:
        if viewer == "anonymous":
            return 401
        return status if viewer == "owner" else 404

    return rule


def exists(status: int = 200, owner: int | None = None, blocker: int = 404) -> Rule:
    """Everyone for whom the owner exists. `owner`: what they get themselves; `blocker`: who has blocked them."""

    def rule(viewer: str, visibility: str) -> int:
        if viewer == "anonymous":
            return 401
        if viewer == "blocker":
            return blocker
        if viewer == "owner" and owner is not None:
            return owner
        return status if viewer in EXISTS_FOR else 404

    return rule


def foreign_goal(status: int) -> Rule:
    """A body that points at the owner's goal: for everyone else that is a wrong value, whether they see it or not."""

    def rule(viewer: str, visibility: str) -> int:
        if viewer == "anonymous":
            return 401
        return status if viewer == "owner" else 400

    return rule


def operations() -> dict[str, Operation]:
    """By operationId. Made anew on every call: the ids of what is created are fresh."""
    return {
        # Open
        "get_server": Operation("GET", "", open_to_all()),
        "get_health_live": Operation("GET", "health/live/", open_to_all()),
        "get_health_ready": Operation("GET", "health/ready/", open_to_all()),
        "sign_up": Operation(
            "POST",
            "auth/signup/",
            open_to_all(201),
            {"id": new_id(), "email": "new@example.com", "password": PASSWORD, "nickname": "New"},
        ),
        "sign_in": Operation(
            "POST",
            "auth/token/",
            open_to_all(),
            {"email": "{email}", "password": PASSWORD, "device": "phone"},
        ),
        "refresh_token": Operation(
            "POST", "auth/token/refresh/", open_to_all(), {"refresh": "{refresh}"}
        ),
        "reset_password": Operation(
            "POST", "auth/password/reset/", open_to_all(204), {"email": "{email}"}
        ),
        "confirm_password_reset": Operation(
            "POST",
            "auth/password/reset/confirm/",
            open_to_all(204),
            {"token": "{reset_token}", "new_password": PASSWORD + "!"},
        ),
        # One's own account
        "sign_out": Operation("POST", "auth/logout/", signed_in(204)),
        "change_password": Operation(
            "POST",
            "auth/password/change/",
            signed_in(204),
            {"password": PASSWORD, "new_password": PASSWORD + "!"},
        ),
        "get_me": Operation("GET", "me/", signed_in()),
        "update_me": Operation("PATCH", "me/", signed_in(), {"bio": "Hi"}),
        "delete_me": Operation("POST", "me/delete/", signed_in(204), {"password": PASSWORD}),
        "list_alarms": Operation("GET", "alarms/", signed_in()),
        "create_alarm": Operation(
            "POST", "alarms/", signed_in(201), {"id": new_id(), "time": "21:00"}
        ),
        "get_alarm": Operation("GET", "alarms/{alarm}/", owner_alone()),
        "update_alarm": Operation("PATCH", "alarms/{alarm}/", owner_alone(), {"is_on": False}),
        "delete_alarm": Operation("DELETE", "alarms/{alarm}/", owner_alone(204)),
        # People
        "list_users": Operation("GET", "users/?q=owner", signed_in()),
        "get_user": Operation("GET", "users/{owner}/", exists()),
        "follow_user": Operation("PUT", "users/{owner}/follow/", exists(owner=400)),
        "unfollow_user": Operation("DELETE", "users/{owner}/follow/", signed_in(204)),
        "block_user": Operation("PUT", "users/{owner}/block/", exists(204, owner=400, blocker=204)),
        "unblock_user": Operation("DELETE", "users/{owner}/block/", signed_in(204)),
        "remove_follower": Operation("DELETE", "users/{owner}/follower/", signed_in(204)),
        "list_followers": Operation("GET", "users/{owner}/followers/", exists()),
        "list_following": Operation("GET", "users/{owner}/following/", exists()),
        "list_blocks": Operation("GET", "blocks/", signed_in()),
        "list_follow_requests": Operation("GET", "follow-requests/", signed_in()),
        "accept_follow_request": Operation("PUT", "follow-requests/{pending}/", owner_alone(204)),
        "decline_follow_request": Operation("DELETE", "follow-requests/{pending}/", signed_in(204)),
        # Goals
        "list_goals": Operation("GET", "goals/?owner={owner}", signed_in(), lists="goal"),
        "create_goal": Operation(
            "POST", "goals/", signed_in(201), {"id": new_id(), "title": "New"}
        ),
        "get_goal": Operation("GET", "goals/{goal}/", sees()),
        "update_goal": Operation(
            "PATCH", "goals/{goal}/", owner_of_what_is_seen(), {"title": "Changed"}
        ),
        "delete_goal": Operation(
            "DELETE", "goals/{goal}/?cascade=true", owner_of_what_is_seen(204)
        ),
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
            foreign_goal(201),
            {"id": new_id(), "goal": "{goal}", "title": "New", "date": "{day}"},
        ),
        "get_todo": Operation("GET", "todos/{todo}/", sees()),
        "update_todo": Operation(
            "PATCH", "todos/{todo}/", owner_of_what_is_seen(), {"is_done": True}
        ),
        "delete_todo": Operation("DELETE", "todos/{todo}/", owner_of_what_is_seen(204)),
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
            foreign_goal(201),
            {"id": new_id(), "goal": "{goal}", "title": "Some day"},
        ),
        # Quick inputs
        "list_quick_inputs": Operation("GET", "quick-inputs/", signed_in()),
        "create_quick_input": Operation(
            "POST",
            "quick-inputs/",
            foreign_goal(201),
            {"id": new_id(), "goal": "{goal}", "title": "Stretch", "weekdays": ["mon"]},
        ),
        "get_quick_input": Operation("GET", "quick-inputs/{quick_input}/", owner_alone()),
        "update_quick_input": Operation(
            "PATCH", "quick-inputs/{quick_input}/", owner_alone(), {"title": "Tea"}
        ),
        "delete_quick_input": Operation("DELETE", "quick-inputs/{quick_input}/", owner_alone(204)),
        "list_offers": Operation(
            "GET", "quick-inputs/offers/?date_from={day}&date_to={next_day}", signed_in()
        ),
        "activate_offer": Operation(
            "PUT", "quick-inputs/{quick_input}/offers/{next_day}/todo/", owner_alone(201)
        ),
        "put_back_todo": Operation(
            "DELETE", "quick-inputs/{quick_input}/offers/{day}/todo/", owner_alone(204)
        ),
        "dismiss_offer": Operation(
            "PUT", "quick-inputs/{quick_input}/offers/{next_day}/dismissal/", owner_alone(204)
        ),
        "undo_dismissal": Operation(
            "DELETE", "quick-inputs/{quick_input}/offers/{next_day}/dismissal/", owner_alone(204)
        ),
        # Diaries and cheers
        "list_diaries": Operation("GET", "diaries/?owner={owner}", signed_in(), lists="diary"),
        "create_diary": Operation(
            "POST",
            "diaries/",
            signed_in(201),
            {"id": new_id(), "date": "{next_day}", "body": "Dear diary"},
        ),
        "get_diary": Operation("GET", "diaries/{diary}/", sees()),
        "update_diary": Operation(
            "PATCH", "diaries/{diary}/", owner_of_what_is_seen(), {"body": "Changed"}
        ),
        "delete_diary": Operation("DELETE", "diaries/{diary}/", owner_of_what_is_seen(204)),
        "list_cheers": Operation("GET", "cheers/?todo={todo}", signed_in(), lists="cheer"),
        "cheer_todo": Operation("PUT", "cheers/todos/{activated}/", sees(201), {"emoji": "🎉"}),
        "withdraw_cheer_from_todo": Operation("DELETE", "cheers/todos/{todo}/", sees(204)),
        "cheer_diary": Operation("PUT", "cheers/diaries/{diary}/", sees(201), {"emoji": "❤"}),
        "withdraw_cheer_from_diary": Operation("DELETE", "cheers/diaries/{diary}/", sees(204)),
        "delete_cheer": Operation("DELETE", "cheers/{cheer}/", owner_of_what_is_seen(204)),
        # Composed reads
        "get_day": Operation("GET", "days/{day}/?owner={owner}", exists()),
        "get_today": Operation("GET", "days/today/?owner={owner}", exists()),
        "get_calendar": Operation("GET", "calendar/?month=2026-03&owner={owner}", exists()),
    }


def hidden_by_what_they_are() -> list[tuple[str, Operation]]:
    """(operationId, row) of what its owner alone sees, whatever the visibility: the archive, and drafts."""
    rows = []
    for noun, path, body in (
        ("todo", "todos/{archived}/", {"title": "Changed"}),
        ("diary", "diaries/{draft}/", {"body": "Changed"}),
    ):
        rows += [
            (f"get_{noun}", Operation("GET", path, owner_alone())),
            (f"update_{noun}", Operation("PATCH", path, owner_alone(), body)),
            (f"delete_{noun}", Operation("DELETE", path, owner_alone(204))),
        ]
    cheers = (("todo", "cheers/todos/{archived}/"), ("diary", "cheers/diaries/{draft}/"))
    rows += [
        (f"cheer_{noun}", Operation("PUT", path, owner_alone(201), {"emoji": "🎉"}))
        for noun, path in cheers
    ]
    return rows


OPERATIONS_THAT_WRITE = [
    name for name, operation in operations().items() if operation.method != "GET"
]
