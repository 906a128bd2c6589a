"""Security events: one JSON line each, in the log `todomate.security` (docs/logs.md).

Also the id of the current request, which ties together its answer and all that is logged for it.
"""

import logging
import random
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import orjson

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

SECURITY = "todomate.security"
logger = logging.getLogger(SECURITY)

type Fact = str | int | bool | UUID | None


class Request(NamedTuple):
    """The facts about a request that are logged with what happens in it."""

    id: str
    address: Callable[[], str]


_request: ContextVar[Request | None] = ContextVar("request", default=None)


def security_event(event: str, *, person: UUID | None = None, **facts: Fact) -> None:
    """Log that `event` has happened, with the id and the client's address of the request.

    `person` is the public id of the person whom it concerns (`User.uuid`), None if there is none
    or if it is unknown. `facts` say more, such as `reason`. Never give an email, a token, a
    password or a text that people wrote. docs/logs.md lists the events and their facts; a test
    compares the list with the calls.

    Call it outside of `run_write`, which may run its argument several times.
    """
    request = _request.get()
    line: dict[str, Fact] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "event": event,
        "request_id": request.id if request else None,
        "address": request.address() if request else None,
        "person": person,
    }
    logger.info("%s", orjson.dumps(line | facts).decode())


def request_id() -> str:
    """Return the id of the current request, or an empty string outside of requests."""
    request = _request.get()
    return request.id if request else ""


def client_address() -> str:
    """Return the client's address of the current request, or an empty string outside of them."""
    request = _request.get()
    return request.address() if request else ""


class of_request:  # noqa: N801  # a context manager, which is used like a function
    """Set the current request and return its id: `given` if it is well formed, else a new one."""

    def __init__(self, given: str, address: Callable[[], str]) -> None:
        is_well_formed = given and REQUEST_ID.fullmatch(given)
        self._request = Request(given if is_well_formed else new_request_id(), address)

    def __enter__(self) -> str:
        self._token = _request.set(self._request)
        return self._request.id

    def __exit__(self, *_: object) -> None:
        _request.reset(self._token)


def new_request_id() -> str:
    # Nothing depends on ids that nobody can guess, and the system's random numbers take longer.
    return f"{random.getrandbits(128):032x}"
