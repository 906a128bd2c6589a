"""All requests of the API as one .http file, made from the schema.

Editors send them one by one: the REST Client of VS Code, httpYac and others. A request that needs
an id takes it from the answer of an earlier one, so they work in the order of the file.
"""

import json
import re
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from todomate.front import openapi

HEAD = """\
# Every request of the API. Open this file in VS Code with the extension REST Client, or in another
# editor that sends .http files, and begin with sign_in: the requests below it use its token.
# A request that needs an id takes it from the answer of an earlier one, so send that one first.

@host = %(host)s
@email = %(email)s
@password = %(password)s
@access = {{sign_in.response.body.$.access}}
"""
TODAY = "{{get_today.response.body.$.date}}"
# Sent first, as others use their answers.
FIRST: tuple[str, ...] = (
    "sign_in",
    "get_today",
    "list_users",
    "create_goal",
    "create_todo",
    "create_diary",
)
FIRST += ("create_quick_input", "create_alarm", "cheer_todo")
# Sent last, in this order: what comes after them would fail. DELETE is sent before them.
LAST: tuple[str, ...] = (
    "block_user",
    "unblock_user",
    "end_other_sessions",
    "change_password",
    "end_session",
)
LAST += ("sign_out", "delete_me")
# DELETE of what is about another row, which must still be there.
UNDOING: tuple[str, ...] = ("undo_dismissal", "put_back_todo", "delete_cheer")
UNDOING += ("withdraw_cheer_from_todo", "withdraw_cheer_from_diary")
# Not sent by itself, but only after removing the comment signs.
COMMENTED: tuple[str, ...] = ("delete_me",)
# Nor the upload, whose body is a file, the deletion, as that of the demo's photos is refused, and
# those of pictures, whose URLs are whole in answers.
COMMENTED += ("upload_photo", "delete_photo")
COMMENTED += ("get_diary_picture", "get_todo_picture", "get_avatar_picture")
# The operation whose answer has the id in a path that begins so.
SOURCES = {
    "/api/v1/auth/sessions/{": "list_sessions.response.body.$.results[0].id",
    "/api/v1/cheers/todos/{": "create_todo.response.body.$.id",
    "/api/v1/cheers/diaries/{": "create_diary.response.body.$.id",
    "/api/v1/cheers/{": "cheer_todo.response.body.$.id",
    "/api/v1/follow-requests/{": "list_follow_requests.response.body.$.results[0].id",
    "/api/v1/photos/{": "list_photos.response.body.$.results[0].id",
    "/api/v1/users/{": "list_users.response.body.$.results[0].id",
    "/api/v1/archive/{": "create_archived_todo.response.body.$.id",
}
QUERIES = {
    "list_users": "?q=june",
    "list_todos": f"?date={TODAY}",
    "list_offers": f"?date_from={TODAY}&date_to={TODAY}",
    "get_calendar": f"?date_from={TODAY}&date_to={TODAY}",
    "list_cheers": "?received=true",
    "list_posts": "?owner={{get_today.response.body.$.owner.id}}",
    "delete_goal": "?cascade=true",
}
GOAL = "{{create_goal.response.body.$.id}}"
TODO = "{{create_todo.response.body.$.id}}"
# Bodies that need an earlier answer, or the values at the head of the file. The others are the
# examples of the schema.
BODIES: dict[str, dict[str, object]] = {
    "sign_in": {"email": "{{email}}", "password": "{{password}}"},
    "sign_up": {
        "email": "new-{{$timestamp}}@example.org",
        "password": "seven green bicycles",
        "nickname": "New",
    },
    "refresh_token": {"refresh": "{{sign_in.response.body.$.refresh}}"},
    "reset_password": {"email": "{{email}}"},
    "change_password": {"password": "{{password}}", "new_password": "{{password}}"},
    "delete_me": {"password": "{{password}}"},
    "start_second_factor": {"password": "{{password}}"},
    "remove_second_factor": {"password": "{{password}}", "code": "123456"},
    "create_goal": {"title": "Read more", "color": "#38C08F"},
    "update_goal": {"title": "Read every day"},
    "order_goals": {"ids": [GOAL]},
    "create_todo": {"goal": GOAL, "title": "Return the books", "date": TODAY},
    "update_todo": {"is_done": True},
    "move_todos": {"ids": [TODO], "date": TODAY},
    "order_todos": {"ids": [TODO], "date": TODAY},
    "delete_todos": {"ids": [TODO]},
    "create_archived_todo": {"goal": GOAL, "title": "Some day"},
    "create_quick_input": {
        "goal": GOAL,
        "title": "Ten pages",
        "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "starts_on": TODAY,
    },
    "update_quick_input": {"title": "Twenty pages"},
    "activate_offer": {},
    "create_diary": {"date": "2030-01-01", "body": "A new year.", "emoji": "🎉"},
    "update_diary": {"body": "A new decade."},
    "cheer_todo": {"emoji": "👍"},
    "cheer_diary": {"emoji": "🎉"},
    "create_alarm": {"time": "21:30"},
    "update_alarm": {"is_on": False},
    "update_me": {"bio": "I read."},
}

type Schema = dict[str, Any]


class Operation(NamedTuple):
    """An operation of the schema."""

    method: str
    path: str
    content: Schema

    @property
    def name(self) -> str:
        return str(self.content["operationId"])


def http_file(host: str, email: str, password: str) -> str:
    """Return the file for the server at `host`, an address without a slash at its end."""
    return HEAD % {"host": host, "email": email, "password": password} + _requests()


@cache
def _requests() -> str:
    schema = openapi.schema()
    parts = []
    for section, operations in groupby(_ordered(schema), key=_section):
        parts.append(f"\n# ---- {section}\n")
        parts += [_request(operation, schema) for operation in operations]
    return "".join(parts)


def _ordered(schema: Schema) -> list[Operation]:
    """Return the operations in an order in which they can be sent."""
    operations = [
        Operation(method.upper(), path, content)
        for path, methods in schema["paths"].items()
        for method, content in methods.items()
    ]
    tags = [tag["name"] for tag in schema.get("tags", [])]
    tags += sorted({one.content["tags"][0] for one in operations} - set(tags))

    def rank(one: Operation) -> tuple[int, ...]:
        first = FIRST.index(one.name) if one.name in FIRST else len(FIRST)
        last = LAST.index(one.name) + 1 if one.name in LAST else 0
        is_delete = _is_deleting(one)
        # A goal is deleted after what is in it.
        position = tags.index(one.content["tags"][0])
        return last, int(is_delete), first, -position if is_delete else position

    return sorted(operations, key=rank)


def _is_deleting(operation: Operation) -> bool:
    is_delete = operation.method == "DELETE" or operation.name.startswith("delete")
    return is_delete and operation.name not in UNDOING


def _section(operation: Operation) -> str:
    """Return the heading below which the operation is."""
    if operation.name in FIRST:
        return "what the others need"
    if operation.name in LAST:
        return "last, as less works after it"
    return "deleting" if _is_deleting(operation) else str(operation.content["tags"][0])


def _request(operation: Operation, schema: Schema) -> str:
    """Return one request, with its summary as a comment."""
    lines = [f"### {operation.content.get('summary') or operation.name}"]
    lines.append(f"# @name {operation.name}")
    path = _filled_path(operation) + QUERIES.get(operation.name, "")
    lines.append(f"{operation.method} {{{{host}}}}{path}")
    security = operation.content.get("security", schema.get("security"))
    if any(security or ()):
        lines.append("Authorization: Bearer {{access}}")
    media = operation.content.get("requestBody", {}).get("content", {}).get("application/json")
    if media:
        body: object = BODIES.get(operation.name)
        if body is None:
            body = _example(media, schema)
        text = json.dumps(body, ensure_ascii=False, indent=2)
        lines += ["Content-Type: application/json", "", text]
    if operation.name in COMMENTED:
        lines = [lines[0], *(f"# {line}" for line in lines[2:])]
    return "\n" + "\n".join(lines) + "\n"


def _filled_path(operation: Operation) -> str:
    path = operation.path
    source = next((text for start, text in SOURCES.items() if path.startswith(start)), "")
    if not source:  # of a row that was created
        noun = path.split("/")[3].replace("-", "_")
        noun = "diary" if noun == "diaries" else noun.removesuffix("s")
        source = f"create_{noun}.response.body.$.id"
    path = path.replace("{date}", TODAY)
    return re.sub(r"\{(?:id|[a-z]+_id)\}", "{{" + source + "}}", path)


def _example(media: Schema, schema: Schema) -> object:
    """Return the example of a body, or one made of the fields that are required."""
    if "example" in media:
        return media["example"]
    if examples := media.get("examples"):
        return next(iter(examples.values()))["value"]
    return _sample(media["schema"], schema)


def _sample(part: Schema, schema: Schema) -> object:
    """Return a value that the schema `part` allows."""
    while reference := part.get("$ref"):
        part = schema["components"]["schemas"][reference.rpartition("/")[2]]
    given = [*part.get("examples", ()), *part.get("enum", ())]
    given = [part[name] for name in ("example", "default") if name in part] or given
    if given:
        return given[0]
    for name in ("oneOf", "anyOf", "allOf"):
        if name in part:
            return _sample(part[name][0], schema)
    kinds = part.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        required = part.get("required", [])
        return {name: _sample(part["properties"][name], schema) for name in required}
    simple = {"integer": 1, "number": 1, "boolean": True}
    return [_sample(part["items"], schema)] if kind == "array" else simple.get(kind, "text")
