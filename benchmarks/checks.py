"""Check that the three applications answer the same: otherwise their figures mean nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks import BenchmarkError
from benchmarks.measures import MEASURES, App
from benchmarks.workers import Worker

# The fields of a todo that the twin must return as the project does.
ROW = ("id", "title", "is_done", "date", "goal", "position", "memo")
# The fields that differ between two writes, each on a row of its own.
OWN = {"id", "title", "memo", "date", "time", "position", "goal", "done_at", "quick_input"}
OWN |= {"offered_on", "created_at", "updated_at"}


def check(workers: Mapping[App, Worker]) -> None:
    """Raise BenchmarkError unless the lists are equal and the bare bodies are the project's."""
    lists = {}
    for app, worker in workers.items():
        (body,) = worker.bodies(MEASURES["list"])
        lists[app] = [[row[name] for name in ROW] for row in body["results"]]
    for app, rows in lists.items():
        if len(rows) != 10 or rows != lists["project"]:
            raise BenchmarkError(f"The list of {app} has other rows than the project's.")
    for measure in MEASURES.values():
        answers = {app: workers[app].bodies(measure) for app in measure.apps}
        bare, project = (_comparable(answers[app][0], measure.kind) for app in ("bare", "project"))
        for difference in differences(bare, project):
            raise BenchmarkError(
                f"{measure.label}: the bare function's answer differs from the project's:"
                f" {difference}"
            )


def _comparable(body: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the body without values that may differ: those of another row, the order of ties."""
    if kind != "read":
        return {name: None if name in OWN else value for name, value in body.items()}
    if isinstance(cheers := body.get("cheers"), list):
        body["cheers"] = sorted(cheers, key=lambda one: (-one["count"], one["emoji"], one["id"]))
    return body


def differences(one: object, other: object, path: str = "") -> Iterator[str]:
    """Return the paths at which two JSON values differ, with both values."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name, value in one.items():
            yield from differences(value, other[name], f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{number}]")
    elif one != other:
        yield f"{path}: {str(one)[:200]} and {str(other)[:200]}"
