"""The figures of the benchmark: medians, ratios, bars and the comparison of answers."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import checks, report
from benchmarks.load import Load
from benchmarks.measures import App
from benchmarks.workers import REFERENCE

SHAPE = {"queries": 2.0, "bytes": 100.0}


def load(requests: int) -> Load:
    return Load(requests, microseconds=1_000_000, p50=10, p99=20, bad_status=0, broken=0)


def bars(costs: dict[App, list[float]], rates: dict[App, list[int]]) -> dict[tuple[str, str], Any]:
    """Return the bars of the list by figure and the application compared with."""
    figures = {
        app: report.figures("list", app, SHAPE, costs[app], [load(rate) for rate in rates[app]])
        for app in costs
    }
    return {(bar["figure"], bar["against"]): bar for bar in report.bars("list", figures)}


def test_requests_per_second_must_reach_the_bar_and_cpu_must_not_exceed_it() -> None:
    costs: dict[App, list[float]] = {"bare": [100.0], "twin": [2_000.0], "project": [401.0]}
    found = bars(costs, {"bare": [1_000], "twin": [100], "project": [550]})
    assert {key: bar["met"] for key, bar in found.items()} == {
        ("per_second", "bare"): True,
        ("per_second", "twin"): True,
        ("cpu_us", "bare"): False,
        ("cpu_us", "twin"): False,
    }


def test_the_median_round_counts() -> None:
    costs: dict[App, list[float]] = {
        "bare": [1.0, 100.0, 900.0],
        "twin": [1_000.0],
        "project": [300.0, 1.0, 9_000.0],
    }
    rates: dict[App, list[int]] = {
        "bare": [9, 1_000, 2_000],
        "twin": [100],
        "project": [600, 1, 700],
    }
    found = bars(costs, rates)
    assert found["cpu_us", "bare"]["ratio"] == 3
    assert found["per_second", "bare"]["ratio"] == 0.6


def test_the_twins_screen_is_five_requests() -> None:
    rows = {
        app: report.figures("day", app, SHAPE, [1.0], [load(100)]) for app in ("twin", "project")
    }
    assert (rows["twin"]["per_second"], rows["project"]["per_second"]) == (20, 100)


@pytest.mark.parametrize(
    ("loop", "bare", "counts"), [(1, 110, True), (1, 111, False), (2, 220, True), (0.5, 60, False)]
)
def test_no_ratio_counts_if_the_bare_list_is_too_slow(
    loop: float, bare: float, counts: bool
) -> None:
    costs: Any = {"calibration": {"bare": [loop * REFERENCE]}, "list": {"bare": [float(bare)]}}
    assert report.calibrate(costs)["counts"] is counts


def test_a_difference_between_two_bodies_has_its_path() -> None:
    one, other = {"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1, "c": 3}]}
    assert list(checks.differences(one, other)) == [".a[0].c: 2 and 3"]
    assert list(checks.differences({"a": 1}, {"b": 1}))
    assert list(checks.differences([1], [1, 2]))
    assert not list(checks.differences(one, one))
