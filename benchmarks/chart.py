"""The chart of a result: requests/s of the three applications, side by side for each measure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Write a PNG. Raises ImportError where there is no matplotlib."""
    from matplotlib.figure import Figure  # noqa: PLC0415  # the figures can be had without it

    figure = Figure(figsize=(8, 3.6), dpi=160, layout="constrained")
    axes = figure.subplots()
    names = list(result["measures"])
    for place, app in enumerate(APPS):
        found = [(n, result["measures"][name]["figures"].get(app)) for n, name in enumerate(names)]
        at = [n + (place - 1) * WIDTH for n, row in found if row]
        heights = [row["per_second"] for _, row in found if row]
        bars = axes.bar(at, heights, WIDTH * 0.92, color=COLORS[app], label=NAMES[app])
        axes.bar_label(bars, [f"{height:,.0f}" for height in heights], fontsize=7, padding=2)
    axes.set_xticks(range(len(names)), [LABELS[name] for name in names])
    axes.set_ylabel("requests/s")
    axes.set_title("Requests per second, one run, eight connections", fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
