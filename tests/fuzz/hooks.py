"""Schemathesis's hooks: real ids where the schema can only say "an id", and a count of what each operation answered.

A case that is meant to be wrong stays as it is in what is wrong about it. Operations that end a session or an account
are called as people of their own, so that the rest stays signed in; those that change or delete a row get a new one.
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

from tests.fuzz.people import PASSWORD, Person, new_id

ADDRESS = os.environ["FUZZ_ADDRESS"]
STATUSES: dict[str, Counter[int]] = defaultdict(Counter)
chance = random.Random(7)  # noqa: S311  # nothing secret
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
alice.keep = set(SHARED.values())
EMOJI = ["🍣", "🍺", "❤", "👍🏽", "🇰🇷", "👨‍👩‍👧‍👦"]
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
FRESH = {
    "goals": alice.goal,
    "todos": lambda: alice.todo(GOAL),
    "quick-inputs": lambda: alice.quick_input(GOAL),
    "diaries": alice.diary,
    "alarms": alice.alarm,
    "cheers": lambda: alice.cheer(GOAL),
}

# Signed in as somebody of their own, made for the one call.
OWN_PERSON = {"delete_me", "sign_out", "change_password"}


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Alice, or somebody of their own where the call ends the session or the account."""

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
    )  # its ids come from earlier answers
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
        elif UUID7.fullmatch(
            str(case.body.get("id"))
        ):  # what is there already is answered 200, whatever the body
            case.body["id"] = new_id()
    if case.query and is_positive(case, ParameterLocation.QUERY):
        real_query(case.query)


def is_positive(case: Any, location: ParameterLocation) -> bool:
    if case.meta is None:
        return False
    component = case.meta.components.get(location)
    return component is None or component.mode == GenerationMode.POSITIVE


# Paths


def real_path(name: str, case: Any) -> dict[str, str]:
    """A real id for the path's, and for an offer a date on which there is one."""
    parts = case.path.removeprefix("/api/v1/").split("/")
    if "user_id" in case.path_parameters:
        return {"user_id": asker()}
    if "offers" in parts:
        return offer(name)
    if "id" not in case.path_parameters:
        return {}
    if parts[0] == "users":
        return {"id": PEOPLE.get(name, lambda: bob.id)()}
    if parts[0] == "cheers" and parts[1] in ("todos", "diaries"):
        return {"id": SHARED[parts[1]]}
    changes = case.method.upper() != "GET" or parts[0] not in SHARED
    return {"id": FRESH[parts[0]]() if changes else SHARED[parts[0]]}


def asker() -> str:
    """Carol, whose request to follow waits at alice's."""
    alice.call("PATCH", "me/", {"is_private": True})
    carol.call("DELETE", f"users/{alice.id}/follow/")
    carol.call("PUT", f"users/{alice.id}/follow/")
    return carol.id


def follower() -> str:
    """Dave, who follows alice."""
    alice.call("PATCH", "me/", {"is_private": False})
    dave.call("PUT", f"users/{alice.id}/follow/")
    return dave.id


# Bob, whom alice shows things to, stays a follower whom nobody blocks.
PEOPLE: dict[str, Callable[[], str]] = {
    "block_user": lambda: eve.id,
    "unblock_user": lambda: eve.id,
    "remove_follower": follower,
}


def offer(name: str) -> dict[str, str]:
    """A quick input, and a date on which nothing has come of it; to be put back it is activated first."""
    day = str(dt.date(1900, 1, 1) + dt.timedelta(next(numbers)))
    if name == "put_back_todo":
        alice.call("PUT", f"quick-inputs/{SHARED['quick-inputs']}/offers/{day}/todo/", {})
    return {"id": SHARED["quick-inputs"], "date": day}


# Bodies


def real_body(name: str, body: dict[str, Any]) -> None:
    """The same body with ids of rows that are there; what a client could not make up is put in."""
    for field in body.keys() & FIELDS.keys():
        if body[field]:
            body[field] = FIELDS[field](body[field])
    if name in BODIES:
        BODIES[name](body)


def sometimes(make: Callable[[], Any]) -> Callable[[Any], Any]:
    """Mostly another value, so that the next row does not clash with the last."""
    return lambda value: make() if chance.random() < 0.8 else value


def real_ids(collection: str) -> Callable[[dict[str, Any]], None]:
    def put(body: dict[str, Any]) -> None:
        if body.get("ids"):
            body["ids"] = [FRESH[collection](), *body["ids"][1:]]

    return put


def sign_in(body: dict[str, Any]) -> None:
    body |= {"email": alice.email, "password": PASSWORD}


def refresh(body: dict[str, Any]) -> None:
    body["refresh"] = Person(ADDRESS, "refresher").refresh


def present_password(body: dict[str, Any]) -> None:
    body["password"] = PASSWORD


def done(body: dict[str, Any]) -> None:
    """What has a time at which it was done is done, and what has no date neither."""
    fresh_date(body)
    if body.get("done_at"):
        body |= {
            "is_done": True,
            "done_at": chance.choice(["2020-02-29T23:59:59Z", body["done_at"]]),
        }
    if body.get("date", "as it is") is None:
        for field in ("time", "is_done", "done_at"):
            body.pop(field, None)


def fresh_email(body: dict[str, Any]) -> None:
    body["email"] = f"new.{new_id()}@example.com"


def fresh_date(body: dict[str, Any]) -> None:
    if body.get("date") and chance.random() < 0.8:
        body["date"] = str(dt.date(2000, 1, 1) + dt.timedelta(next(numbers)))


def stay_alice(body: dict[str, Any]) -> None:
    for field in ("email", "password"):
        body.pop(field, None)


FIELDS: dict[str, Callable[[Any], Any]] = {
    "id": lambda value: new_id() if chance.random() < 0.8 else chance.choice(list(SHARED.values())),
    "handle": sometimes(lambda: f"new.{new_id()[-12:]}"),
    "goal": lambda value: GOAL,
    "viewers": lambda value: [bob.id if isinstance(value[0], str) else {"id": bob.id}],
    "emoji": lambda value: chance.choice(EMOJI),
}
BODIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "order_goals": real_ids("goals"),
    "order_todos": real_ids("todos"),
    "move_todos": real_ids("todos"),
    "delete_todos": real_ids("todos"),
    "delete_me": present_password,
    "change_password": present_password,
    "sign_in": sign_in,
    "sign_up": fresh_email,
    "refresh_token": refresh,
    "create_diary": fresh_date,
    "update_diary": fresh_date,
    "create_todo": done,
    "update_todo": done,
    "activate_offer": done,
    "update_me": stay_alice,
}


# Queries


def real_query(query: dict[str, Any]) -> None:
    query.pop("cursor", None)  # which texts are cursors only the server knows
    for parameter, value in {
        "goal": GOAL,
        "todo": SHARED["todos"],
        "diary": SHARED["diaries"],
    }.items():
        if parameter in query and chance.random() < 0.7:
            query[parameter] = value
    if "owner" in query:
        query["owner"] = chance.choice([alice.id, bob.id])
    if "emoji" in query:
        query["emoji"] = chance.choice(EMOJI)
    if "date_to" in query and "date_from" in query:
        query["date_to"] = query["date_from"]


# After


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
