"""`make bench`: measure, print the table, write JSON and the chart."""

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import database, report, run
from benchmarks.errors import BenchmarkError
from benchmarks.servers import ROOT


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="How fast the server is, as ratios of one run.")
    defaults = run.Options(url="")
    parser.add_argument("--people", type=int, default=defaults.people, help="how many people have todos")
    parser.add_argument("--todos", type=int, default=defaults.todos, help="how many each has, about")
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument("--seconds", type=int, default=defaults.seconds, help="of load per server, measure and round")
    parser.add_argument("--requests", type=int, default=defaults.requests, help="in process, per round")
    parser.add_argument("--measures", default=",".join(defaults.measures), help="some of them, with commas")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "bench", help="folder of result.json")
    parser.add_argument("--chart", type=Path, help="also draw the chart into this PNG")
    parser.add_argument("--memory", type=int, metavar="REQUESTS", help="only watch the workers' memory over so many")
    return parser.parse_args()


def machine(url: str) -> dict[str, Any]:
    """Where and with what the figures were made."""
    command = [sys.executable, "scripts/database_version.py", url]
    server = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "processor": report.processor(),
        "python": f"{platform.python_version()} ({platform.python_compiler()})",
        "django": version("django"),
        "djangorestframework": version("djangorestframework"),
        "database": server,
        "database_settings": database.variables(url),
        "commit": commit.stdout.strip(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def main() -> None:
    given = arguments()
    url = database.with_name(os.environ["BENCH_MYSQL_URL"])
    options = run.Options(
        url, given.people, given.todos, given.rounds, given.seconds, given.requests, given.measures.split(",")
    )
    try:
        result = run.measured(options)
    except BenchmarkError as error:
        sys.exit(str(error))
    result |= {"machine": machine(url), "options": asdict(options) | {"url": ""}}
    print("", *report.table(result), sep="\n")
    given.out.mkdir(parents=True, exist_ok=True)
    path = given.out / "result.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"\nAll figures: {path}")


if __name__ == "__main__":
    main()
