"""Hooks of Schemathesis: put real ids into its cases and count the statuses of each operation.

The invalid parts of a negative case stay as generated. An operation that ends a session or an
account is called as a new person, so that the others stay signed in; one that changes or deletes a
row gets a new row.
"""

from __future__ import annotations

import atexit
import datetime as dt
import itertools
import json
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from tests.fuzz.people import JPEG, PASSWORD, Person, new_id

ADDRESS = os.environ["FUZZ_ADDRESS"]
STATUSES: dict[str, Counter[int]] = defaultdict(Counter)
randomness = random.Random(7)  # noqa: S311  # not a secret
numbers = itertools.count(1)

alice, bob, carol, dave, eve = (
    Person(ADDRESS, name) for name in ("alice", "bob", "carol", "dave", "eve")
)
bob.call("PUT", f"users/{alice.id}/follow/")
GOAL = alice.goal()
SHARED = {
    "goals": GOAL,
    "todos": alice.todo(GOAL),
    "quick-inputs": alice.quick_input(GOAL),
    "diaries": alice.diary(),
}
SHARED["alarms"] = alice.alarm()
SHARED["photos"] = alice.photo()
alice.keep = set(SHARED.values())
EMOJI = ["🍣", "🍺", "❤", "👍🏽", "🇰🇷", "👨‍👩‍👧‍👦"]
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NEW_ROW = {
    "goals": alice.goal,
    "archive": lambda: alice.todo(GOAL),
    "todos": lambda: alice.todo(GOAL),
    "quick-inputs": lambda: alice.quick_input(GOAL),
    "diaries": alice.diary,
    "alarms": alice.alarm,
    "photos": alice.photo,
    "cheers": lambda: alice.cheer(GOAL),
}

# Operations that are called as a new person.
OWN_PERSON = {"delete_me", "sign_out", "change_password", "end_session"}


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Sign in as Alice, or as a new person where the call ends the session or the account."""

    def get(self, case: Any, context: Any) -> str:
        own = context.operation.definition.raw["operationId"] in OWN_PERSON
        return (Person(ADDRESS, "leaver") if own else alice).access

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    name = case.operation.definition.raw["operationId"]
    linked = (
        case.meta is not None and case.meta.phase.name.value == "stateful"
    )  # ids come from earlier answers
    if (
        case.path_parameters
        and (name in PEOPLE or not linked)
        and is_positive(case, ParameterLocation.PATH)
    ):
        case.path_parameters |= real_path(name, case)
    if isinstance(case.body, dict):
        case.body = dict(case.body)
        if is_positive(case, ParameterLocation.BODY):
            real_body(name, case.body)
        elif not isinstance(case.body.get("timezone"), str | None) and name == "sign_up":
            case.body["email"] = None  # any time zone is taken, so something else must be wrong
        elif UUID7.fullmatch(
            str(case.body.get("id"))
        ):  # an existing id is answered 200, whatever the body
            case.body["id"] = new_id()
    elif name == "upload_photo" and is_positive(case, ParameterLocation.BODY):
        case.body = JPEG  # no generator makes a picture
    elif case.body is None:
        case.body = []  # null is no body, which is valid
    if case.query and is_positive(case, ParameterLocation.QUERY):
        real_query(name, case.query)


def is_positive(case: Any, location: ParameterLocation) -> bool:
    if case.meta is None:
        return False
    component = case.meta.components.get(location)
    return component is None or component.mode == GenerationMode.POSITIVE


# Paths


def real_path(name: str, case: Any) -> dict[str, str]:
    """Return real values for the parameters of the path."""
    parts = case.path.removeprefix("/api/v1/").split("/")
    if "user_id" in case.path_parameters:
        return {"user_id": requester()}
    if "offers" in parts:
        return offer(name)
    if "id" not in case.path_parameters:
        return {}
    if parts[0] in ("users", "auth") or name in PEOPLE:  # a session's id may be any
        return {"id": PEOPLE.get(name, lambda: bob.id)()}
    if parts[0] == "cheers" and parts[1] in ("todos", "diaries"):
        return {"id": SHARED[parts[1]]}
    if parts[0] not in NEW_ROW:
        raise AssertionError(
            f"tests/fuzz/hooks.py creates no row of {parts[0]}/: add a method to Person in"
            " tests/fuzz/people.py and name it in NEW_ROW."
        )
    changes = case.method.upper() != "GET" or parts[0] not in SHARED
    return {"id": NEW_ROW[parts[0]]() if changes else SHARED[parts[0]]}


def requester() -> str:
    """Return the id of Carol, after she has asked to follow Alice."""
    alice.call("PATCH", "me/", {"is_private": True})
    carol.call("DELETE", f"users/{alice.id}/follow/")
    carol.call("PUT", f"users/{alice.id}/follow/")
    return carol.id


def follower() -> str:
    """Return the id of Dave, after he has followed Alice."""
    alice.call("PATCH", "me/", {"is_private": False})
    dave.call("PUT", f"users/{alice.id}/follow/")
    return dave.id


# Other ids than Bob's, who must stay an unblocked follower, as Alice makes him a viewer.
PEOPLE: dict[str, Callable[[], str]] = {
    "block_user": lambda: eve.id,
    "unblock_user": lambda: eve.id,
    "remove_follower": follower,
    "upload_photo": new_id,
}


def offer(name: str) -> dict[str, str]:
    """Return a quick input and a new date; the offer is activated first if it is to be put back."""
    day = str(dt.date(1900, 1, 1) + dt.timedelta(next(numbers)))
    if name == "put_back_todo":
        alice.call("PUT", f"quick-inputs/{SHARED['quick-inputs']}/offers/{day}/todo/", {})
    return {"id": SHARED["quick-inputs"], "date": day}


# Bodies


def real_body(name: str, body: dict[str, Any]) -> None:
    """Replace ids by those of existing rows, and put in what cannot be generated."""
    for field in body.keys() & FIELDS.keys():
        if body[field]:
            body[field] = FIELDS[field](body[field])
    for field in body.get("clear") or ():
        body.pop(field, None)  # which cannot have a value, too
    if name in BODIES:
        BODIES[name](body)


def mostly(make: Callable[[], Any]) -> Callable[[Any], Any]:
    """Return a function that mostly gives a new value, so that rows do not conflict."""
    return lambda value: make() if randomness.random() < 0.8 else value


def real_ids(collection: str) -> Callable[[dict[str, Any]], None]:
    def put(body: dict[str, Any]) -> None:
        if body.get("ids"):
            body["ids"] = [NEW_ROW[collection](), *body["ids"][1:]]

    return put


def sign_in(body: dict[str, Any]) -> None:
    body |= {"email": alice.email, "password": PASSWORD}


def refresh(body: dict[str, Any]) -> None:
    body["refresh"] = Person(ADDRESS, "refresher").refresh


def present_password(body: dict[str, Any]) -> None:
    body["password"] = PASSWORD


def consistent_done(body: dict[str, Any]) -> None:
    """Make the fields about doing a todo consistent: `done_at` requires `is_done`, and a date."""
    fresh_date(body)
    if body.get("done_at"):
        body |= {
            "is_done": True,
            "done_at": randomness.choice(["2020-02-29T23:59:59Z", body["done_at"]]),
        }
    if body.get("date", "as it is") is None:
        for field in ("time", "is_done", "done_at"):
            body.pop(field, None)


def fresh_email(body: dict[str, Any]) -> None:
    body["email"] = f"new.{new_id()}@example.com"


def fresh_date(body: dict[str, Any]) -> None:
    if body.get("date") and randomness.random() < 0.8:
        body["date"] = str(dt.date(2000, 1, 1) + dt.timedelta(next(numbers)))


def stay_alice(body: dict[str, Any]) -> None:
    for field in ("email", "password"):
        body.pop(field, None)


FIELDS: dict[str, Callable[[Any], Any]] = {
    "id": lambda value: (
        new_id() if randomness.random() < 0.8 else randomness.choice(list(SHARED.values()))
    ),
    "handle": mostly(lambda: f"new.{new_id()[-12:]}"),
    "goal": lambda value: GOAL,
    "viewers": lambda value: [bob.id],
    "photo": lambda value: alice.photo(),
    "photos": lambda value: [{"id": alice.photo()}],
    "timezone": lambda value: randomness.choice(["Asia/Seoul", "UTC", "America/Sao_Paulo"]),
    "emoji": lambda value: randomness.choice(EMOJI),
}
BODIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "order_goals": real_ids("goals"),
    "order_todos": real_ids("todos"),
    "move_todos": real_ids("todos"),
    "delete_todos": real_ids("todos"),
    "delete_me": present_password,
    "change_password": present_password,
    "start_second_factor": present_password,
    "remove_second_factor": present_password,
    "sign_in": sign_in,
    "sign_up": fresh_email,
    "refresh_token": refresh,
    "create_diary": fresh_date,
    "update_diary": fresh_date,
    "create_todo": consistent_done,
    "update_todo": consistent_done,
    "activate_offer": consistent_done,
    "update_me": stay_alice,
}


# Queries


def real_query(name: str, query: dict[str, Any]) -> None:
    if name == "list_users" and len(query.keys() & {"q", "handle"}) == 2:  # it takes one of them
        del query[randomness.choice(["q", "handle"])]
    query.pop("cursor", None)  # only the server can make a cursor
    for parameter, value in {
        "goal": GOAL,
        "todo": SHARED["todos"],
        "diary": SHARED["diaries"],
    }.items():
        if parameter in query and randomness.random() < 0.7:
            query[parameter] = value
    if "owner" in query:
        query["owner"] = randomness.choice([alice.id, bob.id])
    if "emoji" in query:
        query["emoji"] = randomness.choice(EMOJI)
    if "date_to" in query and "date_from" in query:
        query["date_to"] = query["date_from"]


# After the call


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    STATUSES[case.operation.definition.raw["operationId"]][response.status_code] += 1
    if (
        response.status_code == 409
        and b'"limit"' in response.content
        and case.method.upper() == "POST"
    ):
        alice.make_room(case.path.removeprefix("/api/v1/"))


@atexit.register
def write_counts() -> None:
    Path(os.environ["FUZZ_COUNTS"]).write_text(json.dumps(STATUSES))
