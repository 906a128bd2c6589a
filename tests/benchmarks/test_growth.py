"""What the benchmark says of databases that grow."""

from __future__ import annotations

from benchmarks import growth_report
from benchmarks.load import Load
from benchmarks.pairs import Pair


def run(p50: int, p99: int = 1) -> Load:
    return Load(
        requests=100, microseconds=1_000_000, bytes=1, p50=p50, p99=p99, bad_status=0, broken=0
    )


def bar_of(measure: str, **p50: list[int]) -> dict[str, object]:
    """The verdict on one measure, by how long it took in the databases of 5, 500 and 5,000 people."""
    sizes = {"small": 5, "middle": 500, "large": 5_000}
    found = growth_report.figures(
        {sizes[size]: {measure: [run(one) for one in all_]} for size, all_ in p50.items()}
    )
    (bar,) = growth_report.bars(found)
    return bar


def test_the_largest_database_may_take_thirteen_tenths_of_the_smallest() -> None:
    for measure in ("list", "day", "calendar", "done"):
        assert bar_of(measure, small=[1_000], middle=[9_000], large=[1_300])["met"] is True
        assert bar_of(measure, small=[1_000], middle=[1_000], large=[1_301])["met"] is False


def test_the_middle_round_of_each_size_counts() -> None:
    assert bar_of("list", small=[1_000, 1, 9_000], large=[1_200, 1, 9_000])["ratio"] == 1.2


def test_what_has_no_bar_is_only_reported() -> None:
    bar = bar_of("create", small=[1_000], large=[5_000])
    assert (bar["ratio"], bar["bar"], bar["met"]) == (5, None, None)


def test_a_pair_is_compared_by_what_half_of_the_requests_took() -> None:
    of = Pair("name", "label", special=[], ordinary=[])
    told = growth_report.pair(
        of, [(run(3_000, 9_000), run(2_000)), (run(1, 9_000), run(1)), (run(9_000), run(9_000))]
    )
    assert told["ratio"] == 1.5
    assert told["special"] == {"per_second": 100, "p50_ms": 3, "p99_ms": 9}
