"""Schemathesis's hooks: real ids where the schema can only say "an id", and a count of what each operation answered.

A case that is meant to be wrong stays as it is in what is wrong about it. Operations that end a session or an account
are called as people of their own, so that the rest stays signed in.
"""

from __future__ import annotations

import atexit
import json
import os
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from tests.fuzz.people import PASSWORD, Person

ADDRESS = os.environ["FUZZ_ADDRESS"]
STATUSES: dict[str, Counter[int]] = defaultdict(Counter)
chance = random.Random(7)  # noqa: S311  # nothing secret

alice, bob = Person(ADDRESS, "alice", os.environ["FUZZ_EMAIL"]), Person(ADDRESS, "bob")
bob.call("PUT", f"users/{alice.id}/follow/")
GOAL = alice.goal()
SHARED = {"goals": GOAL, "todos": alice.todo(GOAL), "quick-inputs": alice.quick_input(GOAL), "diaries": alice.diary()}
SHARED["alarms"] = alice.alarm()
EMOJI = ["🍣", "🍺", "❤", "👍🏽", "🇰🇷", "👨‍👩‍👧‍👦"]

# Signed in as somebody of their own, made for the one call.
OWN_PERSON = {"delete_me", "sign_out", "change_password"}


def fresh(collection: str) -> str:
    """A new row of alice's."""
    make = {
        "goals": alice.goal,
        "todos": lambda: alice.todo(GOAL),
        "quick-inputs": lambda: alice.quick_input(GOAL),
        "diaries": alice.diary,
        "alarms": alice.alarm,
        "cheers": lambda: alice.cheer(GOAL),
    }
    return make[collection]()


def real_path(path: str, method: str, name: str) -> str:
    """A real id for the path's {id}."""
    parts = path.removeprefix("/api/v1/").split("/")
    if parts[0] == "follow-requests":
        return asker()
    if parts[0] == "users":
        return bob.id if name not in ("block_user", "remove_follower") else Person(ADDRESS, "passer-by").id
    if parts[0] == "cheers" and parts[1] in ("todos", "diaries"):
        return SHARED[parts[1]]
    collection = parts[0]
    destroys = method == "DELETE" and "offers" not in parts
    return fresh(collection) if destroys or collection not in SHARED else SHARED[collection]


def asker() -> str:
    """Somebody whose request to follow waits at alice's."""
    alice.call("PATCH", "me/", {"is_private": True})
    person = Person(ADDRESS, "asker")
    person.call("PUT", f"users/{alice.id}/follow/")
    return person.id


def is_positive(case: Any, location: ParameterLocation) -> bool:
    meta = case.meta
    if meta is None or meta.phase.name.value == "stateful":
        return False
    component = meta.components.get(location)
    return component is None or component.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    name = case.operation.definition.raw["operationId"]
    if "id" in (case.path_parameters or {}) and is_positive(case, ParameterLocation.PATH):
        case.path_parameters["id"] = real_path(case.path, case.method.upper(), name)
    if isinstance(case.body, dict) and is_positive(case, ParameterLocation.BODY):
        case.body = real_body(name, dict(case.body))
    if case.query and is_positive(case, ParameterLocation.QUERY):
        real_query(case.query)
    if name in OWN_PERSON and "Authorization" in case.headers:
        case.headers["Authorization"] = f"Bearer {owner_of(name, case).access}"


def owner_of(name: str, case: Any) -> Person:
    person = Person(ADDRESS, "leaver")
    if isinstance(case.body, dict) and is_positive(case, ParameterLocation.BODY) and "password" in case.body:
        case.body["password"] = PASSWORD
    return person


def real_body(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The same body with ids of rows that are there; what a client could not make up is put in."""
    if "goal" in body:
        body["goal"] = GOAL
    if "viewers" in body and isinstance(body["viewers"], list):
        body["viewers"] = [bob.id] if body["viewers"] else []
    if body.get("ids"):
        body["ids"] = [SHARED["todos"] if "todos" in name else GOAL, *body["ids"][1:]]
    if name == "delete_todos" and body.get("ids"):
        body["ids"][0] = fresh("todos")
    if "emoji" in body and body["emoji"] is not None:
        body["emoji"] = chance.choice(EMOJI)
    if name == "sign_in":
        body |= {"email": alice.email, "password": PASSWORD}
    if name == "refresh_token":
        body["refresh"] = Person(ADDRESS, "refresher").refresh
    if name == "update_me":
        for changed in ("email", "handle", "password"):
            body.pop(changed, None)
    return body


def real_query(query: dict[str, Any]) -> None:
    query.pop("cursor", None)  # which texts are cursors only the server knows
    for parameter, value in {"goal": GOAL, "todo": SHARED["todos"], "diary": SHARED["diaries"]}.items():
        if parameter in query and chance.random() < 0.7:
            query[parameter] = value
    if "owner" in query:
        query["owner"] = chance.choice([alice.id, bob.id])
    if "emoji" in query:
        query["emoji"] = chance.choice(EMOJI)
    if "date_to" in query and "date_from" in query:
        query["date_to"] = query["date_from"]


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    STATUSES[case.operation.definition.raw["operationId"]][response.status_code] += 1


@atexit.register
def write_counts() -> None:
    Path(os.environ["FUZZ_COUNTS"]).write_text(json.dumps(STATUSES))
