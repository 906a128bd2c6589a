"""Measure how much memory the project's workers use, and whether it grows."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

from benchmarks import servers
from benchmarks.measures import MEASURES
from benchmarks.run import Stage, load_once

STEPS = 10
BAR = 120.0  # MB of resident memory per worker
GROWTH = 1.02  # the most by which the second half of the requests may increase it, as a factor


def watch(ready: Stage, requests: int) -> dict[str, Any]:
    """Send so many requests of all measures in turn; record each worker's memory ten times."""
    seen: list[dict[str, Any]] = []
    with servers.serve("project", ready.env, ready.folder) as server:
        sent, measures = 0, cycle(MEASURES.values())
        for step in range(1, STEPS + 1):
            while sent < requests * step / STEPS:
                sent += load_once(ready, "project", next(measures), server.address, 1).requests
            memory = server.worker_memory()
            seen.append({"requests": sent, "megabytes": memory})
            print(f"{sent:>8} requests: {', '.join(f'{one:.1f} MB' for one in memory)}", flush=True)
    return {"steps": seen, "bars": list(bars(seen))}


def bars(seen: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return the two bars: the size of a worker at the end, and its growth since half-way."""
    half, end = max(seen[len(seen) // 2 - 1]["megabytes"]), max(seen[-1]["megabytes"])
    yield {"what": "MB of a worker", "value": end, "bar": BAR, "met": end <= BAR}
    growth = end / half
    yield {"what": "growth, second half", "value": growth, "bar": GROWTH, "met": growth <= GROWTH}


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines for the terminal."""
    for bar in result["bars"]:
        verdict = "met" if bar["met"] else "NOT MET"
        yield f"{bar['what']:30}{bar['value']:8.2f}  ≤ {bar['bar']:<6} {verdict}"
