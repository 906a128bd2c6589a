"""`make bench`: measure, print the table, write JSON and the chart."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import chart, database, machine, memory, report, run
from benchmarks.errors import BenchmarkError
from benchmarks.servers import ROOT


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench", description="How fast the server is, as ratios of one run."
    )
    defaults = run.Options(url="")
    parser.add_argument(
        "--people", type=int, default=defaults.people, help="how many people have todos"
    )
    parser.add_argument(
        "--todos", type=int, default=defaults.todos, help="how many each has, about"
    )
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument(
        "--seconds",
        type=int,
        default=defaults.seconds,
        help="of load per server, measure and round",
    )
    parser.add_argument(
        "--requests", type=int, default=defaults.requests, help="in process, per round"
    )
    parser.add_argument(
        "--measures", default=",".join(defaults.measures), help="some of them, with commas"
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / "var" / "bench", help="folder of result.json"
    )
    parser.add_argument("--chart", type=Path, help="the PNG of the chart, where not in the folder")
    parser.add_argument(
        "--memory", type=int, metavar="REQUESTS", help="only watch the workers' memory over so many"
    )
    return parser.parse_args()


def main() -> None:
    given = arguments()
    url = database.with_name(os.environ["BENCH_MYSQL_URL"])
    try:
        result = watch_memory(url, given) if given.memory else measure(url, given)
    except BenchmarkError as error:
        sys.exit(str(error))
    given.out.mkdir(parents=True, exist_ok=True)
    path = given.out / ("memory.json" if given.memory else "result.json")
    path.write_text(
        json.dumps(result | {"machine": machine.described(url)}, indent=1, ensure_ascii=False)
        + "\n"
    )
    print(f"\nAll figures: {path}")
    if not given.memory:
        draw(result, given.chart or given.out / "bench.png")


def measure(url: str, given: argparse.Namespace) -> dict[str, Any]:
    """The ratios, as a table too."""
    names = given.measures.split(",")
    options = run.Options(
        url, given.people, given.todos, given.rounds, given.seconds, given.requests, names
    )
    result = run.measured(options)
    print("", *report.table(result), sep="\n")
    return result | {
        "options": {name: value for name, value in asdict(options).items() if name != "url"}
    }


def watch_memory(url: str, given: argparse.Namespace) -> dict[str, Any]:
    """What the workers take."""
    with run.stage(url, given.people, given.todos) as ready:
        result = memory.watched(ready, given.memory)
    for bar in result["bars"]:
        verdict = "met" if bar["met"] else "NOT MET"
        print(f"{bar['what']:30}{bar['value']:8.2f}  ≤ {bar['bar']:<6} {verdict}")
    return result


def draw(result: dict[str, Any], path: Path) -> None:
    try:
        chart.draw(result, path)
    except ImportError:
        print("No chart: matplotlib is not installed.")
    else:
        print(f"The chart: {path}")


if __name__ == "__main__":
    main()
