"""How much memory the project's workers take, and whether it grows."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from benchmarks import servers
from benchmarks.measures import MEASURES
from benchmarks.run import Stage, load_once

STEPS = 10
BAR = 120.0  # MB of resident memory per worker
FLAT = 1.02  # what the second half of the requests may add, as a factor


def watched(ready: Stage, requests: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Send so many requests of all measures in turn, and write down each worker's memory ten times on the way."""
    seen: list[dict[str, Any]] = []
    with servers.serving("project", ready.env, ready.folder) as server:
        sent, measures = 0, cycle(MEASURES.values())
        for step in range(1, STEPS + 1):
            while sent < requests * step / STEPS:
                sent += load_once(ready, "project", next(measures), server.address, 1).requests
            memory = sorted(kib / 1000 for kib in server.memory().values())
            seen.append({"requests": sent, "megabytes": memory})
            say(f"{sent:>8} requests: {', '.join(f'{one:.1f} MB' for one in memory)}")
    return {"steps": seen, "bars": list(verdicts(seen))}


def verdicts(seen: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The two bars: how large a worker is at the end, and how much larger than at half the way."""
    half, end = max(seen[len(seen) // 2 - 1]["megabytes"]), max(seen[-1]["megabytes"])
    yield {"what": "MB of a worker", "value": end, "bar": BAR, "met": end <= BAR}
    yield {
        "what": "growth in the second half",
        "value": end / half,
        "bar": FLAT,
        "met": end / half <= FLAT,
    }
