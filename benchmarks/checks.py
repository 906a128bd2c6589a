"""Whether the three applications answer the same: figures of servers that answer differently mean nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.cpu import Worker
from benchmarks.errors import BenchmarkError
from benchmarks.measures import MEASURES, App

ROW = ("id", "title", "is_done", "date", "goal", "position", "memo")
# What two writes, one after the other and on rows of their own, cannot have in common.
OWN = {
    "id",
    "title",
    "memo",
    "date",
    "time",
    "position",
    "goal",
    "done_at",
    "quick_input",
    "offered_on",
}
OWN |= {"created_at", "updated_at"}


def check(told: Mapping[App, Worker]) -> None:
    """Raise BenchmarkError unless the lists hold the same rows and the bare function's bodies are the project's."""
    lists = {
        app: [[row[name] for name in ROW] for row in _body(one, "list")["results"]]
        for app, one in told.items()
    }
    for app, rows in lists.items():
        if len(rows) != 10 or rows != lists["project"]:
            raise BenchmarkError(
                f"The list of the {app} application holds other rows than the project's."
            )
    for name, measure in MEASURES.items():
        bare, project = (
            _comparable(_body(told[app], name), measure.kind) for app in ("bare", "project")
        )
        for where in differences(bare, project):
            raise BenchmarkError(
                f"{measure.label}: the bare function answers otherwise than the project, at {where}"
            )


def _body(one: Worker, name: str) -> Any:
    """The body of the one answer."""
    (body,) = one.bodies(MEASURES[name])
    return body


def _comparable(body: dict[str, Any], kind: str) -> dict[str, Any]:
    """The body without what may rightly differ: of writes, the values of another row; the order of equal counts."""
    if kind != "read":
        return {name: None if name in OWN else value for name, value in body.items()}
    if isinstance(cheers := body.get("cheers"), list):
        body["cheers"] = sorted(
            cheers, key=lambda cheer: (-cheer["count"], cheer["emoji"], cheer["id"])
        )
    return body


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ, and in what."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name, value in one.items():
            yield from differences(value, other[name], f"{place}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{place}[{number}]")
    elif one != other:
        yield f"{place}: {str(one)[:200]} and {str(other)[:200]}"
