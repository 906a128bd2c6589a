"""The figures of a run: medians, ratios and bars, as JSON and as a table."""

import datetime as dt
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.load import Load, medians
from benchmarks.measures import MEASURES, App
from benchmarks.servers import ROOT
from benchmarks.workers import REFERENCE, Costs

BARE_LIST_BAR = 110.0  # µs of CPU for the bare list, on the machine of workers.REFERENCE
Loads = Mapping[str, Mapping[App, Sequence[Load]]]
Row = dict[str, float]
Result = Mapping[str, Any]
# Name, width and digits of each column.
COLUMNS = (
    ("queries", "queries", 8, 0),
    ("cpu_us", "CPU µs", 9, 0),
    ("bytes", "bytes", 8, 0),
    ("per_second", "req/s", 9, 0),
    ("p50_ms", "p50 ms", 9, 2),
    ("p99_ms", "p99 ms", 9, 2),
)
SIGNS = {"per_second": ("requests/s", "≥"), "cpu_us": ("CPU", "≤")}


def result(shapes: Mapping[str, Mapping[App, Row]], costs: Costs, loads: Loads) -> dict[str, Any]:
    """Return the figures and bars of each measure, the calibration, and every round."""
    measures = {}
    for name, by_app in shapes.items():
        found = {
            app: figures(name, app, shape, costs[name][app], loads[name][app])
            for app, shape in by_app.items()
        }
        measures[name] = {"figures": found, "bars": list(bars(name, found))}
    rounds = {
        name: {app: [one.per_second for one in all_] for app, all_ in by_app.items()}
        for name, by_app in loads.items()
    }
    return {
        "measures": measures,
        "calibration": calibrate(costs) if "list" in costs else None,
        "rounds": rounds,
        "cpu_rounds": costs,
    }


def figures(name: str, app: App, shape: Row, costs: Sequence[float], loads: Sequence[Load]) -> Row:
    """Return the medians of the rounds, with queries and bytes (`shape`)."""
    row = {**shape, "cpu_us": statistics.median(costs), **medians(loads)}
    if name == "day" and app == "twin":
        row["per_second"] /= 5  # calls
    return row


def bars(name: str, figures: Mapping[App, Row]) -> Iterator[dict[str, Any]]:
    """Return the ratio for each bar of a measure, and whether it is met."""
    for bar in MEASURES[name].bars:
        ratio = figures["project"][bar.figure] / figures[bar.against][bar.figure]
        yield {
            "against": bar.against,
            "figure": bar.figure,
            "ratio": ratio,
            "bar": bar.limit,
            "met": bar.is_met(ratio),
        }


def calibrate(costs: Costs) -> dict[str, Any]:
    """Return the speed of this machine, and whether the bare list is fast enough on it."""
    loop = statistics.median(map(statistics.median, costs["calibration"].values()))
    bare = statistics.median(costs["list"]["bare"]) * REFERENCE / loop
    return {
        "loop_us": loop,
        "reference_us": REFERENCE,
        "bare_list_us": bare,
        "bar_us": BARE_LIST_BAR,
        "counts": bare <= BARE_LIST_BAR,
    }


def table(result: Result) -> Iterator[str]:
    """Return the lines for the terminal."""
    yield f"{'':34}{'':9}" + "".join(f"{title:>{width}}" for _, title, width, _ in COLUMNS)
    for name, measure in result["measures"].items():
        label = f"{MEASURES[name].label[:33]:34}"
        for app, row in measure["figures"].items():
            yield f"{label}{app:9}" + cells(row)
            label = " " * 34
        if MEASURES[name].note:
            yield f"  {MEASURES[name].note}"
    yield ""
    if gate := result["calibration"]:
        yield (
            f"The bare list takes {gate['bare_list_us']:.0f} µs of CPU, converted to the reference"
            f" machine (bar: {gate['bar_us']:.0f}); the calibration loop {gate['loop_us']:.0f} µs"
            f" here, {gate['reference_us']:.0f} µs there."
        )
        if not gate["counts"]:
            yield "This exceeds the bar: the ratios against bare do not count."
        yield ""
    for name, measure in result["measures"].items():
        for bar in measure["bars"]:
            figure, sign = SIGNS[bar["figure"]]
            verdict = "met" if bar["met"] else "NOT MET"
            text = f"{MEASURES[name].label[:33]:34}{figure} against {bar['against']}"
            yield f"{text:62}{bar['ratio']:7.2f}  {sign} {bar['bar']:<5} {verdict}"


def cells(row: Row) -> str:
    """Return the columns of one row."""
    return "".join(f"{row[key]:>{width}.{digits}f}" for key, _, width, digits in COLUMNS)


def processor() -> str:
    """Return the number and model of this machine's processors."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.processor() or platform.machine()


def machine(url: str) -> dict[str, Any]:
    """Return processor, versions, settings of the database server at `url`, commit and date."""
    from benchmarks import seed  # noqa: PLC0415  # needs Django set up, which reports do not

    def output(*command: str) -> str:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return {
        "processor": processor(),
        "python": f"{platform.python_version()} ({platform.python_compiler()})",
        "django": version("django"),
        "djangorestframework": version("djangorestframework"),
        "database": output(sys.executable, "scripts/database_version.py", url),
        "database_settings": dict(seed.variables()),
        "commit": output("git", "describe", "--always", "--dirty"),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }
