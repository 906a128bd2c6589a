"""The figures of growth: medians of the rounds, ratios and bars, and the table for the terminal."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.load import Load
from benchmarks.measures import MEASURES
from benchmarks.pairs import Pair

BAR = 1.3  # what the largest database may take of the smallest's p50
HELD = ("list", "day", "calendar", "done")
LABELS = {name: measure.label for name, measure in MEASURES.items()} | {
    "any_day": "todos/?date= of any day"
}
Row = dict[str, float]
Figures = dict[str, dict[int, Row]]


def middle(runs: Sequence[Load]) -> Row:
    """Requests/s, p50 and p99 in ms: of each the median of the runs."""
    return {
        "per_second": statistics.median(run.per_second for run in runs),
        "p50_ms": statistics.median(run.p50 for run in runs) / 1000,
        "p99_ms": statistics.median(run.p99 for run in runs) / 1000,
    }


def figures(loads: Mapping[int, Mapping[str, Sequence[Load]]]) -> Figures:
    """By measure and size in people."""
    names = next(iter(loads.values()))
    return {name: {size: middle(by[name]) for size, by in loads.items()} for name in names}


def bars(found: Figures) -> Iterator[dict[str, Any]]:
    """The p50 of the largest as a multiple of the smallest's; with its bar, where there is one."""
    for name, by in found.items():
        ratio = by[max(by)]["p50_ms"] / by[min(by)]["p50_ms"]
        bar = BAR if name in HELD else None
        yield {
            "measure": name,
            "ratio": ratio,
            "bar": bar,
            "met": None if bar is None else ratio <= bar,
        }


def pair(of: Pair, runs: Sequence[tuple[Load, Load]]) -> dict[str, Any]:
    """The figures of both, and the special one's p50 as a multiple of the ordinary one's."""
    special, ordinary = (middle(one) for one in zip(*runs, strict=True))
    return {
        "label": of.label,
        "connections": of.connections,
        "special": special,
        "ordinary": ordinary,
        "ratio": special["p50_ms"] / ordinary["p50_ms"],
    }


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """The lines for the terminal."""
    disk = result["disk"]
    yield f"{'':36}{'todos':>12}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'disk pages':>12}"
    for name, by in result["measures"].items():
        for number, (size, row) in enumerate(by.items()):
            pages = f"{row['pages_from_disk']:>12.2f}"
            yield (
                f"{LABELS[name][:35] if number == 0 else '':36}{disk[size]['todos']:>12,.0f}"
                + cells(row)
                + pages
            )
    yield "Disk pages: what InnoDB read from the disk, per request."
    yield ""
    for one in result["bars"]:
        verdict = (
            ""
            if one["bar"] is None
            else f"  ≤ {one['bar']:<5} {'met' if one['met'] else 'NOT MET'}"
        )
        yield f"{LABELS[one['measure']][:35]:36}{'p50, largest against smallest':32}{one['ratio']:6.2f}{verdict}"
    yield ""
    yield f"{'against an ordinary person':36}{'':12}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'p50 ratio':>12}"
    for one in result["pairs"].values():
        yield f"{one['label'][:35]:36}{'':12}{cells(one['special'])}{one['ratio']:>12.2f}"
        yield f"{'':36}{'ordinary':12}{cells(one['ordinary'])}"
    yield ""
    for size, row in disk.items():
        each, person = row["todos_bytes"] / row["todos"], row["bytes"] / size
        memory = ", ".join(f"{one:.0f}" for one in result["worker_megabytes"][size])
        yield (
            f"{row['todos']:>12,.0f} todos of {size:,} people: {each:.0f} bytes a todo, {person / 1e6:.2f} MB a person "
            f"with everything, {row['bytes'] / 1e9:.2f} GB in all; MB of a worker: {memory}"
        )


def cells(row: Mapping[str, float]) -> str:
    return f"{row['per_second']:>9.0f}{row['p50_ms']:>9.2f}{row['p99_ms']:>9.2f}"
