"""`make bench`: measure, print the table, write result.json and the chart."""

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks import BenchmarkError, environment
from benchmarks.measures import MEASURES
from benchmarks.servers import ROOT


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="See benchmarks/README.md.")
    parser.add_argument("--people", type=int, default=50, help="people with 2,000 todos each")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts")
    parser.add_argument(
        "--seconds", type=int, default=3, help="of load per application, measure and round"
    )
    parser.add_argument(
        "--measures", default=",".join(MEASURES), help="names of measures, separated by commas"
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / "var" / "bench", help="folder for result and chart"
    )
    return parser.parse_args()


def main() -> None:
    """Run the benchmark from the command line."""
    given = arguments()
    env = environment.set_up(os.environ["BENCH_MYSQL_URL"])
    from benchmarks import report, run  # noqa: PLC0415  # they import models, so Django comes first

    names = given.measures.split(",")
    options = run.Options(given.people, given.rounds, given.seconds, measures=names)
    try:
        result = run.measure(env, options)
    except BenchmarkError as error:
        sys.exit(str(error))
    print("", *report.table(result), sep="\n")
    about = {"options": vars(options), "machine": report.machine(env["DATABASE_URL"])}
    given.out.mkdir(parents=True, exist_ok=True)
    path = given.out / "result.json"
    path.write_text(json.dumps(result | about, indent=1, ensure_ascii=False) + "\n")
    print(f"\nAll figures: {path}")
    try:
        from benchmarks import chart  # noqa: PLC0415  # matplotlib is optional
    except ImportError:
        print("No chart: matplotlib is not installed.")
    else:
        print(f"The chart: {chart.draw(result, given.out / 'bench.png')}")


if __name__ == "__main__":
    main()
