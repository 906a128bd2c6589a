"""The figures of a run: medians, ratios and bars; as a table, and as JSON."""

import platform
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cpu import REFERENCE, Costs, medians
from benchmarks.load import Load
from benchmarks.measures import MEASURES, App, Bars

BARE_BAR = 110.0  # µs of CPU that the bare list may take at most, on the machine of cpu.REFERENCE
Loads = Mapping[str, Mapping[App, Sequence[Load]]]
Figures = dict[str, dict[App, dict[str, float]]]


def figures(costs: Costs, loads: Loads, shapes: Figures) -> Figures:
    """By measure and application: queries, bytes, CPU in µs, requests/s, p50 and p99 in ms; medians of the rounds.

    `shapes` has the queries and the bytes already.
    """
    result: Figures = {
        name: {app: dict(one) for app, one in by.items()} for name, by in shapes.items()
    }
    for name, by in medians(costs).items():
        for app, cost in by.items() if name in result else ():
            result[name][app]["cpu_us"] = cost
    for name, by_app in loads.items():
        for app, runs in by_app.items():
            units = 5 if name == "day" and app == "twin" else 1
            result[name][app] |= {
                "per_second": statistics.median(run.per_second for run in runs) / units,
                "p50_ms": statistics.median(run.p50 for run in runs) / 1000,
                "p99_ms": statistics.median(run.p99 for run in runs) / 1000,
            }
    return result


def bars(name: str, of: Mapping[App, Mapping[str, float]]) -> Iterator[dict[str, Any]]:
    """The ratios of one measure with their bars, and whether each is met."""
    bar: Bars = MEASURES[name].bars
    wanted: tuple[tuple[App, str, float | None], ...] = (
        ("bare", "per_second", bar.bare),
        ("twin", "per_second", bar.twin),
        ("bare", "cpu_us", bar.bare_cpu),
        ("twin", "cpu_us", bar.twin_cpu),
    )
    for app, figure, value in wanted:
        if value is None or figure not in of["project"] or figure not in of.get(app, {}):
            continue
        ratio = of["project"][figure] / of[app][figure]
        met = ratio <= value if figure == "cpu_us" else ratio >= value
        yield {"against": app, "figure": figure, "ratio": ratio, "bar": value, "met": met}


def calibrated(costs: Costs) -> dict[str, Any]:
    """How slow this machine is, and whether the bare list is fast enough for any ratio to count."""
    middle = medians(costs)
    loop = statistics.median(middle["calibration"].values())
    bare = middle["list"]["bare"] * REFERENCE / loop
    return {
        "loop_us": loop,
        "reference_us": REFERENCE,
        "bare_list_us": bare,
        "bar_us": BARE_BAR,
        "counts": bare <= BARE_BAR,
    }


def processor() -> str:
    """The model of this machine's processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.processor() or platform.machine()


NAMES: Mapping[str, str] = {"per_second": "requests/s", "cpu_us": "CPU"}


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """The lines for the terminal."""
    yield f"{'':34}{'':9}{'queries':>8}{'CPU µs':>9}{'bytes':>8}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}"
    for name, one in result["measures"].items():
        for number, (app, row) in enumerate(one["figures"].items()):
            label = MEASURES[name].label if number == 0 else ""
            yield f"{label[:33]:34}{app:9}" + _cells(row)
        yield from (f"  {note}" for note in MEASURES[name].notes)
    yield ""
    gate = result["calibration"]
    yield (
        f"The bare list takes {gate['bare_list_us']:.0f} µs of CPU as on the reference (bar: {gate['bar_us']:.0f}); "
        f"the loop took {gate['loop_us']:.0f} µs here and {gate['reference_us']:.0f} there."
    )
    if not gate["counts"]:
        yield "That is too much: NO RATIO BELOW COUNTS."
    yield ""
    for name, one in result["measures"].items():
        for bar in one["bars"]:
            sign = "≤" if bar["figure"] == "cpu_us" else "≥"
            verdict = "met" if bar["met"] else "NOT MET"
            what = f"{MEASURES[name].label[:33]:34}{NAMES[bar['figure']]} against {bar['against']}"
            yield f"{what:62}{bar['ratio']:7.2f}  {sign} {bar['bar']:<5} {verdict}"


def _cells(row: Mapping[str, float]) -> str:
    widths = (
        ("queries", 8, 0),
        ("cpu_us", 9, 0),
        ("bytes", 8, 0),
        ("per_second", 9, 0),
        ("p50_ms", 9, 2),
        ("p99_ms", 9, 2),
    )
    return "".join(
        f"{row[key]:>{width}.{digits}f}" if key in row else " " * width
        for key, width, digits in widths
    )
