"""What the benchmark says of its figures."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import checks, report
from benchmarks.cpu import REFERENCE
from benchmarks.load import Load
from benchmarks.memory import verdicts


def loads(**per_second: list[int]) -> dict[str, dict[Any, list[Load]]]:
    return {
        "list": {
            app: [
                Load(
                    requests=n,
                    microseconds=1_000_000,
                    bytes=1,
                    p50=10,
                    p99=20,
                    bad_status=0,
                    broken=0,
                )
                for n in all_
            ]
            for app, all_ in per_second.items()
        }
    }


def found(costs: dict[str, list[float]], runs: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The verdicts on the list, by what is compared with whom."""
    shapes: Any = {"list": {app: {"queries": 2, "bytes": 100} for app in costs}}
    figures = report.figures({"list": costs, "calibration": {}}, runs, shapes)  # type: ignore[dict-item]  # as measured
    return {(bar["figure"], bar["against"]): bar for bar in report.bars("list", figures["list"])}


def test_requests_per_second_must_reach_the_bar_and_cpu_must_not_pass_it() -> None:
    costs = {"bare": [100.0], "twin": [2_000.0], "project": [401.0]}
    verdicts = found(costs, loads(bare=[1_000], twin=[100], project=[550]))
    assert {key: bar["met"] for key, bar in verdicts.items()} == {
        ("per_second", "bare"): True,
        ("per_second", "twin"): True,
        ("cpu_us", "bare"): False,
        ("cpu_us", "twin"): False,
    }


def test_the_middle_round_counts() -> None:
    costs = {"bare": [1.0, 100.0, 900.0], "twin": [1_000.0], "project": [300.0, 1.0, 9_000.0]}
    verdicts = found(costs, loads(bare=[9, 1_000, 2_000], twin=[100], project=[600, 1, 700]))
    assert verdicts["cpu_us", "bare"]["ratio"] == 3
    assert verdicts["per_second", "bare"]["ratio"] == 0.6


@pytest.mark.parametrize(
    ("loop", "bare", "counts"), [(1, 110, True), (1, 111, False), (2, 220, True), (0.5, 60, False)]
)
def test_no_ratio_counts_where_the_bare_list_is_slower_than_its_machine(
    loop: float, bare: float, counts: bool
) -> None:
    costs: Any = {"calibration": {"bare": [loop * REFERENCE]}, "list": {"bare": [float(bare)]}}
    assert report.calibrated(costs)["counts"] is counts


def test_a_difference_between_two_bodies_is_named_by_its_place() -> None:
    one, other = {"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1, "c": 3}]}
    assert list(checks.differences(one, other)) == [".a[0].c: 2 and 3"]
    assert list(checks.differences({"a": 1}, {"b": 1}))
    assert list(checks.differences([1], [1, 2]))
    assert not list(checks.differences(one, one))


def test_a_worker_may_neither_be_large_nor_grow() -> None:
    grown = [{"requests": n, "megabytes": [90.0, 90.0 + n]} for n in range(1, 11)]
    assert [bar["met"] for bar in verdicts(grown)] == [True, False]
    large = [{"requests": n, "megabytes": [121.0]} for n in range(1, 11)]
    assert [bar["met"] for bar in verdicts(large)] == [False, True]
