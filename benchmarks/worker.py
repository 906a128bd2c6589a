"""One of the applications in a process of its own, which says what a request costs: `worker APP PEOPLE`.

Told over standard input, one JSON object a line, and answers with one a line. Nothing else runs in this process, so
that `thread_time` is the CPU time of the request, in the kernel too.
"""

import gc
import json
import random
import statistics
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import people
from benchmarks.calls import Application, answer, environ_of
from benchmarks.errors import BenchmarkError
from benchmarks.measures import MEASURES, App, Measure, calls_of
from benchmarks.people import Person
from benchmarks.servers import APPLICATIONS

STEPS = 20_000


def calibration() -> float:
    """The CPU time of a fixed loop of pure Python, in microseconds: how fast this machine and this Python are now."""
    times = []
    for _ in range(5):
        begin, total = time.thread_time_ns(), 0
        for n in range(STEPS):
            total += n * n % 7
        times.append(time.thread_time_ns() - begin)
    return min(times) / 1000


def cost(
    application: Application, app: App, measure: Measure, crowd: list[Person], **how: int
) -> Any:
    """The median CPU time of `count` units of work, in microseconds; how large the last answer was.

    `seed` decides who is drawn.
    """
    asked = calls_of(measure, app, crowd, random.Random(how["seed"]))  # noqa: S311  # no secret
    times, size = [], 0
    for _ in range(how["count"]):
        environs = [environ_of(call) for call in next(asked)]
        begin = time.thread_time_ns()
        answers = [answer(application, environ) for environ in environs]
        times.append(time.thread_time_ns() - begin)
        size = sum(len(body) for _, body in answers)
        if any(not 200 <= status < 300 for status, _ in answers):
            raise BenchmarkError(f"{app}, {measure.name}: {answers}")
    return {"microseconds": statistics.median(times) / 1000, "bytes": size}


def queries(application: Application, app: App, measure: Measure, person: Person) -> Any:
    """How many statements one unit of work executes, BEGIN and COMMIT left out."""
    calls = measure.calls(app, person, random.Random(0))  # noqa: S311  # no secret
    if app == "bare":
        statements = import_module("benchmarks.bare").RECORDED
        return {"queries": 3 if measure.kind == "done" else len(statements[measure.name])}
    from django.db import connection  # noqa: PLC0415  # the bare one has none

    count = 0

    def counted(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        for call in calls:
            answer(application, environ_of(call))
    return {"queries": count}


def body(application: Application, app: App, measure: Measure, person: Person) -> Any:
    """The bodies that one person is answered with."""
    calls = measure.calls(app, person, random.Random(0))  # noqa: S311  # no secret
    return {"bodies": [json.loads(answer(application, environ_of(call))[1]) for call in calls]}


def main() -> None:
    app: Any = sys.argv[1]
    crowd = people.load(Path(sys.argv[2]))
    module, _, name = APPLICATIONS[app].partition(":")
    application: Application = getattr(import_module(module), name)
    gc.freeze()  # as a worker that has been serving for a while
    for line in sys.stdin:
        told: dict[str, Any] = json.loads(line)
        measure = MEASURES.get(told.get("measure", ""))
        if measure is None:
            result: Any = {"microseconds": calibration()}
        elif told["do"] == "cost":
            result = cost(application, app, measure, crowd, count=told["count"], seed=told["seed"])
        elif told["do"] == "queries":
            result = queries(application, app, measure, crowd[0])
        else:
            result = body(application, app, measure, crowd[0])
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
