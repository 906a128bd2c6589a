"""What a request costs in CPU time, measured in process: one worker process for each application, told in turn."""

import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.measures import App, Measure
from benchmarks.servers import ROOT

WARM_UP = 30
# What worker.calibration takes on the machine and Python that the bar of 110 µs for the bare list was set for: CPython
# as distributions build it (with --enable-optimizations), on one core of an AMD EPYC server.
REFERENCE = 760.0


class Worker:
    """A process that answers commands; see benchmarks.worker."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, **command: Any) -> dict[str, Any]:
        print(json.dumps(command), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise BenchmarkError(f"{self.process.args!r} has ended; its last words are above.")
        result: dict[str, Any] = json.loads(line)
        return result

    def calibrate(self) -> float:
        return float(self.ask(do="calibrate")["microseconds"])

    def cost(self, measure: Measure, count: int, seed: int) -> float:
        """The median CPU time of one unit of work, in microseconds."""
        return float(
            self.ask(do="cost", measure=measure.name, count=count, seed=seed)["microseconds"]
        )

    def size(self, measure: Measure) -> int:
        """How many bytes the body of an answer has."""
        return int(self.ask(do="cost", measure=measure.name, count=1, seed=0)["bytes"])

    def queries(self, measure: Measure) -> int:
        return int(self.ask(do="queries", measure=measure.name)["queries"])

    def bodies(self, measure: Measure) -> list[Any]:
        """What the first person is answered with."""
        return list(self.ask(do="body", measure=measure.name)["bodies"])


@contextmanager
def worker(app: App, people: Path, env: Mapping[str, str]) -> Iterator[Worker]:
    """A process with the application `app`, for the people in a file."""
    command = [sys.executable, "-m", "benchmarks.worker", app, str(people)]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:  # leaving it closes the pipes, and it ends at the end of its input
        yield Worker(process)


@contextmanager
def workers(
    apps: Sequence[App], people: Path, env: Mapping[str, str]
) -> Iterator[dict[App, Worker]]:
    with ExitStack() as stack:
        yield {app: stack.enter_context(worker(app, people, env)) for app in apps}


Costs = dict[str, dict[App, list[float]]]


def rounds(
    told: Mapping[App, Worker], measures: Sequence[Measure], number: int, count: int
) -> Costs:
    """By measure and application the cost of each round, in microseconds; under "calibration" the loop's.

    In every round each application is asked in turn, so that a slow moment of the machine meets all of them.
    """
    costs: Costs = defaultdict(lambda: defaultdict(list))
    for measure in measures:
        for app in measure.apps:
            if app in told:
                told[app].cost(measure, WARM_UP, 0)
    for turn in range(number):
        for measure in measures:
            for app in measure.apps:
                if app in told:
                    costs[measure.name][app].append(told[app].cost(measure, count, turn))
        for app, one in told.items():
            costs["calibration"][app].append(one.calibrate())
    return costs


def medians(costs: Costs) -> dict[str, dict[App, float]]:
    return {
        name: {app: statistics.median(all_) for app, all_ in by.items()}
        for name, by in costs.items()
    }
