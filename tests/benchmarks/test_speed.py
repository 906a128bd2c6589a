"""The day's list costs at most a fifth of plain DRF's CPU time and takes two queries.

Both run in worker processes as in `make bench`, in turn, so that a busy machine slows both down.
The ratio of their best rounds is compared.
"""

from __future__ import annotations

from unittest import skipIf

from django.db import connection

from benchmarks.measures import MEASURES, App
from benchmarks.workers import Worker, measure_costs
from tests.benchmarks.base import WorkerTest

LIST = MEASURES["list"]
APPS: tuple[App, ...] = ("twin", "project")
ROUNDS, REQUESTS = 7, 20


@skipIf(connection.vendor == "postgresql", "its driver takes a larger part of the project's time")
class SpeedTest(WorkerTest):
    def test_the_list_costs_a_fifth_of_what_plain_drf_does(self) -> None:
        workers = self.start_workers(APPS, [self.make_owner() for _ in range(3)])
        assert len(rows(workers["project"])) == 10
        assert rows(workers["project"]) == rows(workers["twin"]), "only equal work can be compared"
        queries = {app: worker.shape(LIST)["queries"] for app, worker in workers.items()}
        assert queries == {"twin": 3, "project": 2}
        (limit,) = (
            bar.limit for bar in LIST.bars if (bar.figure, bar.against) == ("cpu_us", "twin")
        )
        assert limit <= 0.2
        costs = measure_costs(workers, [LIST], ROUNDS, REQUESTS)["list"]
        best = {app: min(rounds) for app, rounds in costs.items()}
        assert best["project"] <= limit * best["twin"], best


def rows(worker: Worker) -> list[tuple[object, ...]]:
    (body,) = worker.bodies(LIST)
    return [(row["id"], row["title"], row["is_done"], row["date"]) for row in body["results"]]
