"""Call the applications in process, each in a worker process of its own, and measure CPU time.

A worker runs nothing else, so `time.thread_time` is the CPU time of the request, kernel included.
"""

import gc
import json
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib import import_module
from io import BytesIO
from multiprocessing import get_context
from typing import Any
from unittest.mock import patch
from wsgiref.util import setup_testing_defaults

from benchmarks import BenchmarkError
from benchmarks.measures import APPLICATIONS, MEASURES, App, Call, Measure, Person

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., object]], Iterable[bytes]]
Costs = dict[str, dict[App, list[float]]]
WARM_UP = 30  # requests
STEPS = 20_000  # of the calibration loop
# CPU time of calibrate() in µs on the machine for which report.BARE_LIST_BAR was set: CPython as
# distributions build it (--enable-optimizations), on one core of an AMD EPYC server.
REFERENCE = 760.0


class Worker:
    """A process that holds one application and calls it on request."""

    def __init__(self, app: App, people: Sequence[Person], env: Mapping[str, str]) -> None:
        context = get_context("spawn")  # a fork would share this process's Django
        self.pool = ProcessPoolExecutor(1, context, _start, (app, people, dict(env)))

    def calibrate(self) -> float:
        """Return the CPU time of a fixed loop, in µs: the current speed of machine and Python."""
        return self.pool.submit(_calibrate).result()

    def cost(self, measure: Measure, count: int, seed: int) -> float:
        """Return the median CPU time of `count` units of work, in µs; `seed` selects the people."""
        return self.pool.submit(_cost, measure.name, count, seed).result()

    def shape(self, measure: Measure) -> dict[str, float]:
        """Return the number of statements (without BEGIN and COMMIT) and of bytes of one unit."""
        return self.pool.submit(_shape, measure.name).result()

    def bodies(self, measure: Measure) -> list[Any]:
        """Return the decoded response bodies for the first person."""
        return [json.loads(body) for body in self.pool.submit(_bodies, measure.name).result()]


@contextmanager
def workers(
    apps: Sequence[App], people: Sequence[Person], env: Mapping[str, str]
) -> Iterator[dict[App, Worker]]:
    """Start a worker for each application."""
    with ExitStack() as stack:
        started = {app: Worker(app, people, env) for app in apps}
        for worker in started.values():
            stack.callback(worker.pool.shutdown)
        yield started


def measure_costs(
    workers: Mapping[App, Worker], measures: Sequence[Measure], rounds: int, count: int
) -> Costs:
    """Return the cost of each round by measure and application, and of the loop as "calibration".

    Every round asks each application in turn, so that a slow moment of the machine meets all.
    """
    costs: Costs = defaultdict(lambda: defaultdict(list))
    pairs = [(measure, app) for measure in measures for app in measure.apps if app in workers]
    for measure, app in pairs:
        workers[app].cost(measure, WARM_UP, 0)
    for number in range(rounds):
        for measure, app in pairs:
            costs[measure.name][app].append(workers[app].cost(measure, count, number))
        for app, worker in workers.items():
            costs["calibration"][app].append(worker.calibrate())
    return costs


# Everything below runs in the worker.

_app: App
_application: Application
_people: Sequence[Person]


def _start(app: App, people: Sequence[Person], env: Mapping[str, str]) -> None:
    global _app, _application, _people  # noqa: PLW0603  # the state of this process
    os.environ.clear()
    os.environ.update(env)
    module, _, name = APPLICATIONS[app].partition(":")
    _app, _people = app, people
    _application = getattr(import_module(module), name)
    gc.freeze()  # as in a server that has started


def _calibrate() -> float:
    times = []
    for _ in range(5):
        begin, total = time.thread_time_ns(), 0
        for n in range(STEPS):
            total += n * n % 7
        times.append(time.thread_time_ns() - begin)
    return min(times) / 1000


def _cost(name: str, count: int, seed: int) -> float:
    rng = random.Random(seed)  # noqa: S311  # not a secret
    times = []
    for _ in range(count):
        calls = MEASURES[name].calls(_app, rng.choice(_people), rng)
        environs = [_environ(call) for call in calls]
        begin = time.thread_time_ns()
        for environ in environs:
            _call(environ)
        times.append(time.thread_time_ns() - begin)
    return statistics.median(times) / 1000


def _shape(name: str) -> dict[str, float]:
    with _counter() as count:
        bodies = _bodies(name)
    return {"queries": count(), "bytes": sum(map(len, bodies))}


def _bodies(name: str) -> list[bytes]:
    rng = random.Random(0)  # noqa: S311  # not a secret
    calls = MEASURES[name].calls(_app, _people[0], rng)
    return [_call(_environ(call)) for call in calls]


@contextmanager
def _counter() -> Iterator[Callable[[], int]]:
    """Count the statements that the application executes."""
    if _app == "bare":
        bare = import_module("benchmarks.bare")
        with patch.object(bare, "statement", wraps=bare.statement) as spy:
            yield lambda: spy.call_count
        return
    from django.db import connection  # noqa: PLC0415  # the bare function's process has no Django
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415  # as above

    with CaptureQueriesContext(connection) as captured:
        yield lambda: len([one for one in captured if one["sql"] not in {"BEGIN", "COMMIT"}])


def _environ(call: Call) -> Environ:
    """Return what a WSGI server would pass."""
    path, _, query = call.path.partition("?")
    environ: Environ = {
        "REQUEST_METHOD": call.method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {call.token}",
        "wsgi.input": BytesIO(call.body),
    }
    if call.body:
        environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(call.body))}
    setup_testing_defaults(environ)
    return environ


def _call(environ: Environ) -> bytes:
    """Return the body. Raise BenchmarkError unless the status is 2xx."""
    status: list[str] = []

    def start_response(line: str, headers: object, error: object = None) -> None:
        status.append(line)

    parts = _application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    if not status[0].startswith("2"):
        raise BenchmarkError(f"{_app}: {environ['PATH_INFO']}: {status[0]}: {body.decode()[:500]}")
    return body
