"""Whether the three applications answer the same: figures of servers that answer differently mean nothing."""

from collections.abc import Mapping
from typing import Any

from benchmarks.cpu import Worker
from benchmarks.errors import BenchmarkError
from benchmarks.measures import MEASURES, App

# What two requests, one after the other, cannot have in common.
OWN = {"created_at", "updated_at", "done_at", "id", "position", "date", "memo", "time", "title", "goal"}
OWN |= {"offered_on", "quick_input"}
ROW = ("id", "title", "is_done", "date", "goal", "position", "memo")


def check(told: Mapping[App, Worker]) -> None:
    """Raise BenchmarkError unless the lists hold the same rows, and the bare function's bodies are the project's."""
    lists = {app: [[row[name] for name in ROW] for row in bodies["results"]] for app, bodies in _lists(told)}
    if any(len(rows) != 10 or rows != lists["project"] for rows in lists.values()):
        raise BenchmarkError(f"The lists of the three applications hold different rows: {lists}")
    for name in ("list", "day", "calendar"):
        bare, project = (_only(told[app], name) for app in ("bare", "project"))
        if bare != project:
            raise BenchmarkError(f"{name}: the bare function answers {bare}, the project {project}")
    for name in ("done", "create"):
        bare, project = (_shared(_only(told[app], name)) for app in ("bare", "project"))
        if bare != project:
            raise BenchmarkError(f"{name}: the bare function answers {bare}, the project {project}")


def _lists(told: Mapping[App, Worker]) -> list[tuple[App, Any]]:
    return [(app, _only(one, "list")) for app, one in told.items()]


def _only(one: Worker, name: str) -> Any:
    """The body of the one answer."""
    (body,) = one.bodies(MEASURES[name])
    return body


def _shared(body: dict[str, Any]) -> dict[str, Any]:
    return {name: None if name in OWN else value for name, value in body.items()}
