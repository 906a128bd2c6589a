"""`make growth`: fill databases of several sizes, measure, print the table and write JSON."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from benchmarks import BenchmarkError, environment
from benchmarks.servers import ROOT

OUT = ROOT / "var" / "bench"
PEOPLE = 50  # while the memory is watched


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench growth", description="See benchmarks/README.md."
    )
    parser.add_argument("--sizes", default="5,500,5000", help="in people, separated by commas")
    parser.add_argument("--todos", type=int, default=2_000, help="per person, about")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts")
    parser.add_argument(
        "--seconds", type=int, default=3, help="of load per measure, size and round"
    )
    parser.add_argument("--docs", action="store_true", help="also write docs/scale.md's figures")
    parser.add_argument(
        "--lists",
        action="store_true",
        help="only measure every list with every filter, for a person with 200,000 todos among"
        " 200,000 people; with --docs, also write the table in docs/scale.md",
    )
    parser.add_argument(
        "--timeline",
        type=int,
        nargs="?",
        const=10_000_000,
        metavar="POSTS",
        help="only measure the timeline, in databases of up to so many posts (10 million), which"
        " are deleted afterwards; with --docs, also write the table in docs/scale.md",
    )
    parser.add_argument("--only", default="", help="with --lists: paths that begin like this")
    parser.add_argument("--fill", action="store_true", help="only fill the databases")
    parser.add_argument(
        "--memory",
        type=int,
        metavar="REQUESTS",
        help="only watch the memory of the workers",
    )
    return parser.parse_args()


def main() -> None:
    """Run the campaign from the command line."""
    given = arguments()
    env = environment.set_up(os.environ["BENCH_MYSQL_URL"])
    try:
        measure(env, given)
    except BenchmarkError as error:
        sys.exit(str(error))


def measure(env: Mapping[str, str], given: argparse.Namespace) -> None:
    """Do what the command line asks for."""
    # They import models, so Django comes first.
    from benchmarks.growth import docs, memory, report, run  # noqa: PLC0415  # as above
    from benchmarks.run import stage  # noqa: PLC0415  # as above

    sizes = sorted(int(size) for size in given.sizes.split(","))
    options = run.Options(sizes, given.todos, given.rounds, given.seconds)
    if given.lists:
        measure_lists(env, given)
    elif given.timeline:
        measure_timeline(env, given)
    elif given.fill:
        run.prepare(options)
    elif given.memory:
        with stage(env, PEOPLE, given.todos) as ready:
            result = memory.watch(ready, given.memory)
        print(*memory.table(result), sep="\n")
        write("memory.json", env, result)
    else:
        result = run.measure(env, options) | {"options": vars(options)}
        print("", *report.table(result), sep="\n")
        text = write("growth.json", env, result)
        if given.docs:
            docs.write(json.loads(text), ROOT / "docs" / "scale.md")


def measure_lists(env: Mapping[str, str], given: argparse.Namespace) -> None:
    """Measure the lists, print the table, and say which requests are too dear."""
    from benchmarks.growth import docs, lists, world  # noqa: PLC0415  # as above

    world.prepare(f"{environment.NAME}_lists", world.Size())
    costs = lists.measure(given.only)
    for cost in costs:
        if not cost.is_met:
            print(f"NOT MET: {cost.path}: {cost.rows:,} rows, {cost.milliseconds:.1f} ms")
    table = list(lists.table(costs))
    print("", *table, sep="\n")
    text = write("lists.json", env, {"lists": [vars(cost) for cost in costs]})
    if given.docs:
        docs.write_lists(json.loads(text)["machine"], table, ROOT / "docs" / "scale.md")


def measure_timeline(env: Mapping[str, str], given: argparse.Namespace) -> None:
    """Measure the timeline, print the table, and say which bars are not met."""
    from benchmarks.growth import docs, timeline  # noqa: PLC0415  # as above

    try:
        found = timeline.measure(environment.NAME, given.timeline)
    finally:
        timeline.drop(environment.NAME)
    for fault in timeline.faults(found):
        print(f"NOT MET: {fault}")
    table = list(timeline.table(found))
    print("", *table, sep="\n")
    text = write("timeline.json", env, {"timeline": [vars(one) for one in found]})
    if given.docs:
        docs.write_timeline(json.loads(text)["machine"], table, ROOT / "docs" / "scale.md")


def write(name: str, env: Mapping[str, str], result: Mapping[str, Any]) -> str:
    """Write a file of figures and return its content."""
    from benchmarks.report import machine  # noqa: PLC0415  # as above

    about = {"machine": machine(env["DATABASE_URL"])}
    text = json.dumps({**result, **about}, indent=1, ensure_ascii=False) + "\n"
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(text)
    print(f"\nAll figures: {OUT / name}")
    return text


if __name__ == "__main__":
    main()
