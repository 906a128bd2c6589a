"""Load by wrk: eight connections that ask again as soon as they are answered."""

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.measures import App, Measure, token_for
from benchmarks.people import Person

SCRIPT = Path(__file__).with_suffix(".lua")
CONNECTIONS = 8
MISSING = "The load comes from wrk, which is not installed here: `sudo apt install wrk` (macOS: `brew install wrk`)."


@dataclass(frozen=True)
class Load:
    """What one run of wrk saw. Latencies in microseconds."""

    requests: int
    microseconds: int
    bytes: int
    p50: int
    p99: int
    bad_status: int
    broken: int

    @property
    def per_second(self) -> float:
        return self.requests / self.microseconds * 1e6


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        raise BenchmarkError(MISSING)


def write_requests(path: Path, app: App, measure: Measure, people: Sequence[Person]) -> None:
    """The lines that load.lua draws from: all people, each with all that this measure may ask for them."""
    path.write_text("".join(f"{line}\n" for line in _lines(app, measure, people)))


def _lines(app: App, measure: Measure, people: Sequence[Person]) -> Iterable[str]:
    rng = random.Random(1)  # noqa: S311  # no secret
    if measure.kind == "done":
        # All in one shuffled row, so that the same todo comes again only after all others.
        lines = [
            f"/api/v1/todos/{todo}/\t{token_for(app, one)}" for one in people for todo in one.todos
        ]
        rng.shuffle(lines)
        yield from lines
        return
    for one in people:
        for call in measure.calls(app, one, rng):
            yield f"{call.path}\t{call.token}\t{one.goals[0] if measure.kind == 'create' else ''}"


def run(
    address: str, requests: Path, kind: str, seconds: float, connections: int = CONNECTIONS
) -> Load:
    """Load a server with the requests of a file. Raises BenchmarkError when any is not answered with 2xx."""
    # The server's time is what is measured, so wrk has one thread: two would take it from the server.
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
        "-s",
        str(SCRIPT),
        address,
    ]
    env = os.environ | {
        "BENCH_REQUESTS": str(requests),
        "BENCH_KIND": kind,
        "BENCH_SEED": str(int(time.time())),
    }
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    result = next((line for line in done.stdout.splitlines() if line.startswith("RESULT ")), None)
    if result is None:
        raise BenchmarkError(f"wrk ended with status {done.returncode}: {done.stdout}{done.stderr}")
    load = Load(**json.loads(result.removeprefix("RESULT ")))
    if load.bad_status or load.broken or not load.requests:
        raise BenchmarkError(
            f"{load.bad_status} of {load.requests} answers were not 2xx, {load.broken} never came ({address})"
        )
    return load
