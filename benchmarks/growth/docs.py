"""Write the figures of growth, and what follows from them, between two marks in docs/scale.md."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.growth.report import BAR, LABELS

LISTS_BEGIN = "<!-- figures: `make growth ARGS='--lists --docs'` -->"
LISTS_END = "<!-- end of the lists' figures -->"
TIMELINE_BEGIN = "<!-- figures: `make growth ARGS='--timeline --docs'` -->"
TIMELINE_END = "<!-- end of the timeline's figures -->"
BEGIN, END = "<!-- figures: `make growth ARGS=--docs` -->", "<!-- end of figures -->"

# The requests of one person in one day. This is an assumption.
REQUESTS = {"day": 10, "list": 5, "calendar": 3, "done": 8, "create": 4}
BUSIEST_HOUR = 0.10  # of the day's requests
USED = 0.5  # of the machine's capacity, in that hour
# Of two virtual processors of a burstable 1 GB machine (AWS t3.micro, t4g.micro), without credits.
BASELINE = 0.10


def write(result: Mapping[str, Any], path: Path) -> None:
    """Replace the text between the marks. Raise ValueError if they are missing."""
    replace_between(BEGIN, END, figures(result), path)


def write_lists(machine: Mapping[str, Any], table: Iterable[str], path: Path) -> None:
    """Replace the table of lists. Raise ValueError if its marks are missing."""
    about = wrap(
        f"`make growth ARGS=--lists`, {machine['date']}, {machine['processor']},"
        f" {machine['database']}; the cheapest of three."
    )
    replace_between(LISTS_BEGIN, LISTS_END, [*about, "", *table], path)


def write_timeline(machine: Mapping[str, Any], table: Iterable[str], path: Path) -> None:
    """Replace the table of the timeline. Raise ValueError if its marks are missing."""
    about = wrap(
        f"`make growth ARGS=--timeline`, {machine['date']}, {machine['processor']},"
        f" {machine['database']}; medians."
    )
    replace_between(TIMELINE_BEGIN, TIMELINE_END, [*about, "", *table], path)


def replace_between(begin: str, end: str, lines: Iterable[str], path: Path) -> None:
    """Replace the text between two marks."""
    text = path.read_text()
    before, after = text.index(begin) + len(begin), text.index(end)
    path.write_text("\n".join([text[:before], "", *lines, "", text[after:]]))


def figures(result: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines between the marks, at most 100 columns wide except for tables."""
    machine, options = result["machine"], result["options"]
    pool = int(machine["database_settings"]["innodb_buffer_pool_size"]) / 2**30
    yield from wrap(
        f"`make growth`, {machine['date']}, {machine['processor']}, {machine['database']} with a"
        f" buffer pool of {pool:.0f} GB; web server, database and load on the same machine;"
        f" 8 connections, {options['rounds']} rounds of {options['seconds']} s, medians."
        " Cells are requests/s · p50 · p99 in ms."
    )
    yield ""
    yield from sizes(result)
    yield ""
    yield from pairs(result)
    yield ""
    yield from disk(result)
    yield ""
    yield from people(result)


def wrap(text: str, indent: str = "") -> list[str]:
    """Return the lines of a paragraph or, with an indent, of a list item."""
    return textwrap.wrap(text, 100, subsequent_indent=indent, break_on_hyphens=False)


def sizes(result: Mapping[str, Any]) -> Iterator[str]:
    names = [f"{row['todos']:,.0f} todos" for row in result["disk"].values()]
    yield f"| | {' | '.join(names)} | p50, largest to smallest | bar |"
    yield "|---|" + "---|" * (len(names) + 2)
    bars = {one["measure"]: one for one in result["bars"]}
    for name, by_size in result["measures"].items():
        bar = bars[name]
        verdict = "–"
        if bar["bar"] is not None:
            verdict = f"≤ {BAR}: {'met' if bar['met'] else '**not met**'}"
        cells = " | ".join(map(cell, by_size.values()))
        yield f"| {LABELS[name]} | {cells} | {bar['ratio']:.2f} | {verdict} |"


def pairs(result: Mapping[str, Any]) -> Iterator[str]:
    yield "| in the largest database | this person | an ordinary person | p50 ratio |"
    yield "|---|---|---|---|"
    for one in result["pairs"].values():
        special, ordinary = cell(one["special"]), cell(one["ordinary"])
        yield f"| {one['label']} | {special} | {ordinary} | {one['ratio']:.2f} |"


def cell(row: Mapping[str, float]) -> str:
    return f"{row['per_second']:,.0f} · {row['p50_ms']:.1f} · {row['p99_ms']:.0f}"


def disk(result: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "| todos | people | bytes per todo with indexes | MB per person | GB in all"
        " | pages read: day list | pages read: any day |"
    )
    yield "|---|---|---|---|---|---|---|"
    for size, row in result["disk"].items():
        pages = [result["measures"][name][size]["pages_from_disk"] for name in ("list", "any_day")]
        yield (
            f"| {row['todos']:,.0f} | {int(size):,} | {row['todos_bytes'] / row['todos']:,.0f}"
            f" | {row['bytes'] / int(size) / 1e6:.2f} | {row['bytes'] / 1e9:.2f}"
            f" | {pages[0]:.2f} | {pages[1]:.2f} |"
        )


def people(result: Mapping[str, Any]) -> Iterator[str]:
    """Return how many people one machine holds, with the arithmetic."""
    size = list(result["disk"])[-1]
    each = result["disk"][size]["bytes"] / int(size)
    rates = {name: result["measures"][name][size]["per_second"] for name in REQUESTS}
    seconds = sum(count / rates[name] for name, count in REQUESTS.items())
    hour = USED * 3_600 / (BUSIEST_HOUR * seconds)
    day = BASELINE * 86_400 / seconds
    requests = ", ".join(f"{count} {name}" for name, count in REQUESTS.items())
    terms = " + ".join(f"{count}/{rates[name]:,.0f}" for name, count in REQUESTS.items())
    largest = max(one for by_size in result["worker_megabytes"].values() for one in by_size)
    for item in (
        f"Disk: 1 GB ÷ {each / 1e6:.2f} MB = **{1e9 / each:,.0f} people per GB**.",
        f"The requests of one person in one day, assumed to be {sum(REQUESTS.values())}"
        f" ({requests}), take {terms} s = **{seconds * 1000:.0f} ms** of the whole machine.",
        f"Two processors like these, with {BUSIEST_HOUR:.0%} of a day's requests in the busiest"
        f" hour and half of the capacity free: {USED} × 3,600 s ÷ ({BUSIEST_HOUR} ×"
        f" {seconds:.3f} s) = **{rounded(hour)} people a day**. (Processors only.)",
        f"A burstable 1 GB machine with two such processors, {BASELINE:.0%} of which may be used"
        f" all day and the rest on credit: {BASELINE} × 86,400 s ÷ {seconds:.3f} s ="
        f" **{rounded(min(hour, day))} people a day**. (Processors only.)",
        f"A worker used {largest:.0f} MB at the end of the run.",
    ):
        yield from wrap(f"- {item}", "  ")


def rounded(count: float) -> str:
    """Return the number with two significant digits."""
    return f"{float(f'{count:.2g}'):,.0f}"
