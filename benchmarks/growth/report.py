"""The figures of growth: medians of the rounds, ratios and bars, and the table for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.growth.pairs import Pair
from benchmarks.load import Load, medians
from benchmarks.measures import MEASURES

BAR = 1.3  # for p50 in the largest database divided by p50 in the smallest
HELD = ("list", "day", "calendar", "done")
LABELS = {name: measure.label for name, measure in MEASURES.items()}
LABELS["any_day"] = "todos/?date= of any day"
Figures = Mapping[str, Mapping[int, Mapping[str, float]]]


def bars(found: Figures) -> Iterator[dict[str, Any]]:
    """Return for each measure the ratio of p50, largest to smallest, and its bar if it has one."""
    for name, by_size in found.items():
        ratio = by_size[max(by_size)]["p50_ms"] / by_size[min(by_size)]["p50_ms"]
        bar = BAR if name in HELD else None
        met = None if bar is None else ratio <= bar
        yield {"measure": name, "ratio": ratio, "bar": bar, "met": met}


def compare(pair: Pair, runs: Sequence[tuple[Load, Load]]) -> dict[str, Any]:
    """Return the figures of both people and the ratio of their p50."""
    special, ordinary = (medians(one) for one in zip(*runs, strict=True))
    return {
        "label": pair.label,
        "connections": pair.connections,
        "special": special,
        "ordinary": ordinary,
        "ratio": special["p50_ms"] / ordinary["p50_ms"],
    }


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines for the terminal."""
    disk = result["disk"]
    yield f"{'':36}{'todos':>12}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'disk pages':>12}"
    for name, by_size in result["measures"].items():
        label = LABELS[name][:35]
        for size, row in by_size.items():
            pages = f"{row['pages_from_disk']:>12.2f}"
            yield f"{label:36}{disk[size]['todos']:>12,.0f}{cells(row)}{pages}"
            label = ""
    yield "Disk pages: pages that InnoDB read from the disk, per request."
    yield ""
    for bar in result["bars"]:
        verdict = ""
        if bar["bar"] is not None:
            verdict = f"  ≤ {bar['bar']:<5} {'met' if bar['met'] else 'NOT MET'}"
        label = LABELS[bar["measure"]][:35]
        yield f"{label:36}{'p50, largest to smallest':32}{bar['ratio']:6.2f}{verdict}"
    yield ""
    yield f"{'special and ordinary':48}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'p50 ratio':>12}"
    for one in result["pairs"].values():
        yield f"{one['label'][:35]:48}{cells(one['special'])}{one['ratio']:>12.2f}"
        yield f"{'':36}{'ordinary':12}{cells(one['ordinary'])}"
    yield ""
    for size, row in disk.items():
        todo, person = row["todos_bytes"] / row["todos"], row["bytes"] / size
        memory = ", ".join(f"{one:.0f}" for one in result["worker_megabytes"][size])
        yield (
            f"{row['todos']:>12,.0f} todos of {size:,} people: {todo:.0f} bytes per todo,"
            f" {person / 1e6:.2f} MB per person in all tables, {row['bytes'] / 1e9:.2f} GB in all;"
            f" MB per worker: {memory}"
        )


def cells(row: Mapping[str, float]) -> str:
    """Return the columns of one row."""
    return f"{row['per_second']:>9.0f}{row['p50_ms']:>9.2f}{row['p99_ms']:>9.2f}"
