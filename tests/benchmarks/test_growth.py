"""The figures of the growth campaign: ratios between sizes, special people, memory, documents."""

from __future__ import annotations

from benchmarks.growth import docs, memory, report, timeline
from benchmarks.growth.pairs import Pair
from benchmarks.load import Load, medians
from benchmarks.servers import ROOT


def run(p50: int, p99: int = 1) -> Load:
    return Load(100, microseconds=1_000_000, p50=p50, p99=p99, bad_status=0, broken=0)


def bar_of(
    measure: str, small: list[int], middle: list[int], large: list[int]
) -> dict[str, object]:
    """Return the bar of a measure; the lists are p50 of the rounds in each database."""
    sizes = {5: small, 500: middle, 5_000: large}
    figures = {size: medians([run(p50) for p50 in rounds]) for size, rounds in sizes.items()}
    (bar,) = report.bars({measure: figures})
    return bar


def test_the_largest_database_may_take_thirteen_tenths_of_the_smallest() -> None:
    for measure in ("list", "day", "calendar", "done"):
        assert bar_of(measure, small=[1_000], middle=[9_000], large=[1_300])["met"] is True
        assert bar_of(measure, small=[1_000], middle=[1_000], large=[1_301])["met"] is False


def test_the_median_round_of_each_size_counts() -> None:
    bar = bar_of("list", small=[1_000, 1, 9_000], middle=[1], large=[1_200, 1, 9_000])
    assert bar["ratio"] == 1.2


def test_a_measure_without_a_bar_is_only_reported() -> None:
    bar = bar_of("create", small=[1_000], middle=[1], large=[5_000])
    assert (bar["ratio"], bar["bar"], bar["met"]) == (5, None, None)


def test_a_pair_is_compared_by_p50() -> None:
    pair = Pair("name", "label", special=[], ordinary=[])
    runs = [(run(3_000, 9_000), run(2_000)), (run(1, 9_000), run(1)), (run(9_000), run(9_000))]
    found = report.compare(pair, runs)
    assert found["ratio"] == 1.5
    assert found["special"] == {"per_second": 100, "p50_ms": 3, "p99_ms": 9}


def test_a_worker_may_neither_be_large_nor_grow() -> None:
    growing = [{"requests": n, "megabytes": [90.0, 90.0 + n]} for n in range(1, 11)]
    assert [bar["met"] for bar in memory.bars(growing)] == [True, False]
    large = [{"requests": n, "megabytes": [121.0]} for n in range(1, 11)]
    assert [bar["met"] for bar in memory.bars(large)] == [False, True]


def test_the_document_has_the_marks_between_which_figures_are_written() -> None:
    text = (ROOT / "docs" / "scale.md").read_text()
    assert text.index(docs.BEGIN) < text.index(docs.END)
    assert text.index(docs.TIMELINE_BEGIN) < text.index(docs.TIMELINE_END)


def test_the_timeline_may_take_three_halves_in_the_largest_database_and_so_much_of_the_server() -> (
    None
):
    def figures(posts: int, followed: int, p50: float, database: float) -> list[timeline.Figures]:
        return [
            timeline.Figures(posts, followed, page, p50, p50, database, rows=1)
            for page in timeline.PAGES
        ]

    small = figures(10_000, 1_000, p50=10, database=50)
    largest = [*figures(10_000_000, 1_000, 15, 50), *figures(10_000_000, 5_000, 90, 250)]
    assert list(timeline.faults([*small, *largest])) == []
    assert len(list(timeline.faults([*small, *figures(10_000_000, 1_000, 15.1, 50)]))) == 2
    assert len(list(timeline.faults([*small, *largest, *figures(1, 5_000, 1, 251)]))) == 2
    assert len(list(timeline.table(small))) == 4
