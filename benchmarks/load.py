"""Load a server with wrk: eight connections, each sending again as soon as it has an answer."""

import json
import os
import random
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import BenchmarkError
from benchmarks.measures import API, App, Measure, Person

SCRIPT = Path(__file__).with_suffix(".lua")
CONNECTIONS = 8


@dataclass(frozen=True)
class Load:
    """The result of one run of wrk; latencies in microseconds."""

    requests: int
    microseconds: int
    p50: int
    p99: int
    bad_status: int
    broken: int

    @property
    def per_second(self) -> float:
        """Return the requests per second."""
        return self.requests / self.microseconds * 1e6


def medians(loads: Sequence[Load]) -> dict[str, float]:
    """Return requests/s, p50 and p99 in ms: the median of the runs for each."""
    return {
        "per_second": statistics.median(load.per_second for load in loads),
        "p50_ms": statistics.median(load.p50 for load in loads) / 1000,
        "p99_ms": statistics.median(load.p99 for load in loads) / 1000,
    }


def require_wrk() -> None:
    """Raise BenchmarkError unless wrk is installed."""
    if shutil.which("wrk") is None:
        raise BenchmarkError(
            "wrk is not installed: `sudo apt install wrk` (macOS: `brew install wrk`)."
        )


def lines(app: App, measure: Measure, people: Sequence[Person]) -> Iterator[str]:
    """Return the lines for load.lua: every request that `measure` sends for these people."""
    rng = random.Random(1)  # noqa: S311  # not a secret
    if measure.kind == "done":
        todos = [(person, todo) for person in people for todo in person.todos]
        rng.shuffle(todos)
        for person, todo in todos:
            yield f"{API}/todos/{todo}/\t{person.token(app)}\t\n"
        return
    for person in people:
        for call in measure.calls(app, person, rng):
            yield f"{call.path}\t{call.token}\t{person.goals[0]}\n"


def run(
    address: str, file: Path, kind: str, seconds: float, connections: int = CONNECTIONS
) -> Load:
    """Send the requests of a file. Raise BenchmarkError unless every answer is 2xx."""
    # One thread: a second one would take processor time from the server.
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(SCRIPT), address]
    seed = str(int(time.time()))
    env = os.environ | {"BENCH_REQUESTS": str(file), "BENCH_KIND": kind, "BENCH_SEED": seed}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not found:
        raise BenchmarkError(f"wrk failed ({done.returncode}): {done.stdout}{done.stderr}")
    load = Load(**json.loads(found[0].removeprefix("RESULT ")))
    if load.bad_status or load.broken or not load.requests:
        raise BenchmarkError(
            f"{address}: of {load.requests} answers {load.bad_status} were not 2xx,"
            f" {load.broken} were missing"
        )
    return load
