"""The chart of a result: requests/s of the three applications for each measure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.measures import APPS

COLORS = {"bare": "#9AA0A6", "twin": "#E8A33D", "project": "#2A78D6"}
NAMES = {"bare": "bare WSGI function", "twin": "plain DRF", "project": "TodoMate"}
LABELS = {
    "list": "a day's list",
    "day": "one screen",
    "calendar": "a month",
    "done": "set done",
    "create": "create",
}
WIDTH = 0.26


def draw(result: Mapping[str, Any], path: Path) -> Path:
    """Write a PNG and return its path."""
    figure = Figure(figsize=(8, 3.6), dpi=160, layout="constrained")
    axes = figure.subplots()
    rows = {name: one["figures"] for name, one in result["measures"].items()}
    for place, app in enumerate(APPS):
        heights = {n: row[app]["per_second"] for n, row in enumerate(rows.values()) if app in row}
        at = [n + (place - 1) * WIDTH for n in heights]
        bars = axes.bar(
            at, list(heights.values()), WIDTH * 0.92, color=COLORS[app], label=NAMES[app]
        )
        labels = [f"{height:,.0f}" for height in heights.values()]
        axes.bar_label(bars, labels, fontsize=7, padding=2)
    axes.set_xticks(range(len(rows)), [LABELS.get(name, name) for name in rows])
    axes.set_ylabel("requests/s")
    axes.set_title("Requests per second, one run, eight connections", fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path)
    return path
