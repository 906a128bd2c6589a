"""The figures of growth in docs/scale.md, measured and computed from them: what stands between the two marks there."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.growth_report import BAR, LABELS

BEGIN, END = "<!-- figures: `make growth ARGS=--docs` -->", "<!-- end of figures -->"

# What somebody who uses the app asks for in a day: assumed, thirty requests.
ASKED = {"day": 10, "list": 5, "calendar": 3, "done": 8, "create": 4}
BUSIEST_HOUR = 0.10  # of the day's requests
USED = 0.5  # of what the machine can do, in that hour
# Of two virtual processors of a burstable machine of 1 GB (AWS t3.micro, t4g.micro), for as long as one likes.
BASELINE = 0.10


def write(result: Mapping[str, Any], path: Path) -> None:
    """Put the figures between the marks. Raises ValueError where there are none."""
    text = path.read_text()
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    path.write_text("\n".join([text[:before], "", *figures(result), "", text[after:]]))


def figures(result: Mapping[str, Any]) -> Iterator[str]:
    """The lines."""
    about, options = result["machine"], result["options"]
    yield (
        f"`make growth`, {about['date']}, {about['processor']}, {about['database']} with a buffer pool of "
        f"{int(about['database_settings']['innodb_buffer_pool_size']) / 2**30:.0f} GB, web server, database and "
        f"load on the same machine; 8 connections, {options['rounds']} rounds of {options['seconds']} s, medians. "
        "Requests/s · p50 · p99 in ms:"
    )
    yield ""
    yield from sizes(result)
    yield ""
    yield from pairs(result)
    yield ""
    yield from disk(result)
    yield ""
    yield from people(result)


def sizes(result: Mapping[str, Any]) -> Iterator[str]:
    names = [f"{row['todos']:,.0f} todos" for row in result["disk"].values()]
    yield f"| | {' | '.join(names)} | p50, last to first | bar |"
    yield "|---|" + "---|" * (len(names) + 2)
    bars = {one["measure"]: one for one in result["bars"]}
    for name, by in result["measures"].items():
        bar = bars[name]
        verdict = (
            "–" if bar["bar"] is None else f"≤ {BAR}: {'met' if bar['met'] else '**not met**'}"
        )
        cells = " | ".join(map(cell, by.values()))
        yield f"| {LABELS[name]} | {cells} | {bar['ratio']:.2f} | {verdict} |"


def pairs(result: Mapping[str, Any]) -> Iterator[str]:
    yield "| in the largest | they | an ordinary person | p50, they to ordinary |"
    yield "|---|---|---|---|"
    for one in result["pairs"].values():
        yield f"| {one['label']} | {cell(one['special'])} | {cell(one['ordinary'])} | {one['ratio']:.2f} |"


def cell(row: Mapping[str, float]) -> str:
    return f"{row['per_second']:,.0f} · {row['p50_ms']:.1f} · {row['p99_ms']:.0f}"


def disk(result: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "| todos | people | a todo with its indexes | a person with everything | in all | pages from disk: day list "
        "| pages from disk: any day |"
    )
    yield "|---|---|---|---|---|---|---|"
    for size, row in result["disk"].items():
        pages = (result["measures"][name][size]["pages_from_disk"] for name in ("list", "any_day"))
        yield (
            f"| {row['todos']:,.0f} | {int(size):,} | {row['todos_bytes'] / row['todos']:,.0f} bytes | "
            f"{row['bytes'] / int(size) / 1e6:.2f} MB | {row['bytes'] / 1e9:.2f} GB | "
            + " | ".join(f"{one:.2f}" for one in pages)
            + " |"
        )


def people(result: Mapping[str, Any]) -> Iterator[str]:
    """What follows for people, with the arithmetic."""
    size = list(result["disk"])[-1]
    each = result["disk"][size]["bytes"] / int(size)
    rates = {name: result["measures"][name][size]["per_second"] for name in ASKED}
    seconds = sum(count / rates[name] for name, count in ASKED.items())
    hour, day = USED * 3_600 / (BUSIEST_HOUR * seconds), BASELINE * 86_400 / seconds
    asked = ", ".join(f"{count} {name}" for name, count in ASKED.items())
    spent = " + ".join(f"{count}/{rates[name]:,.0f}" for name, count in ASKED.items())
    largest = max(one for by in result["worker_megabytes"].values() for one in by)
    yield f"- Disk: 1 GB ÷ {each / 1e6:.2f} MB = **{1e9 / each:,.0f} people per GB**."
    yield f"- A person's day, assumed to be {sum(ASKED.values())} requests ({asked}), takes {spent} s"
    yield f"  = **{seconds * 1000:.0f} ms** of the whole machine."
    yield ""
    yield "As far as processors go:"
    yield ""
    yield f"- Two processors like these, {BUSIEST_HOUR:.0%} of a day's requests in its busiest hour, half of it"
    yield f"  kept free: {USED} × 3,600 s ÷ ({BUSIEST_HOUR} × {seconds:.3f} s) = **{rounded(hour)} people a day**."
    yield f"- A burstable machine of 1 GB, two such processors of which {BASELINE:.0%} may be used all day, the rest on"
    yield f"  credit: {BASELINE} × 86,400 s ÷ {seconds:.3f} s = **{rounded(min(hour, day))} people a day**."
    yield ""
    yield f"A worker took {largest:.0f} MB at the end of the run."


def rounded(count: float) -> str:
    """Two digits that count."""
    return f"{float(f'{count:.2g}'):,.0f}"
