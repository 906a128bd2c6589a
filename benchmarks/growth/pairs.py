"""Compare a person with extreme data with an ordinary one: the same request in turn.

One has 100,000 todos, the other follows 5,000 people and is followed by them; see special.py.
"""

import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from benchmarks import load
from benchmarks.measures import API, Person
from benchmarks.rows import DAY

VIEWERS = 1_000
AT_ONCE = 64  # connections
LARGEST_PAGE = 200
PAUSE = 1  # seconds in which the server finishes the requests that wrk has abandoned
# A person with ten friends and a few dozen archived todos has a full page of this size, too.
FEW = "page_size=10"


@dataclass(frozen=True)
class Pair:
    """The requests of the special and of the ordinary person, as lines for load.lua."""

    name: str
    label: str
    special: Sequence[str]
    ordinary: Sequence[str]
    connections: int = load.CONNECTIONS


def pairs(
    address: str, people: Sequence[Person], diligent: Person, popular: Person
) -> Iterator[Pair]:
    """Return all pairs. The first of `people` is the ordinary person; `address` gives cursors."""
    plain = people[0]
    for name, label, path in (
        ("todos_list", "100,000 todos: todos/?date=", f"todos/?date={DAY}"),
        ("todos_day", "100,000 todos: days/{date}/", f"days/{DAY}/"),
        ("todos_calendar", "100,000 todos: calendar/?month=", f"calendar/?month={DAY:%Y-%m}"),
        ("todos_first", "100,000 todos: todos/, first page", "todos/"),
        ("todos_archive", "100,000 todos: archive/", f"archive/?{FEW}"),
    ):
        yield Pair(name, label, [line(diligent, path)], [line(plain, path)])
    deep = [line(one, middle(address, one)) for one in (diligent, plain)]
    yield Pair("todos_deep", "100,000 todos: todos/, half-way", deep[:1], deep[1:])
    for path in ("following", "followers"):
        lines = [line(one, f"users/{one.uuid}/{path}/?{FEW}") for one in (popular, plain)]
        yield Pair(f"follows_{path}", f"5,000 follows: {path}", lines[:1], lines[1:])
    # Followers of the popular person, each of whom has friends of their own.
    viewers = people[:VIEWERS]
    friends = [line(one, day_of(people[(n + 2) % len(people)])) for n, one in enumerate(viewers)]
    their_days = [line(popular, day_of(one)) for one in viewers]
    yield Pair("friend_day", "5,000 follows: a friend's day", their_days, friends)
    one_day = [line(one, day_of(popular)) for one in viewers]
    yield Pair("crowd_day", "1,000 followers at one day", one_day, friends, AT_ONCE)


def line(person: Person, path: str) -> str:
    """Return the line for load.lua."""
    return f"{API}/{path}\t{person.access}\t\n"


def day_of(owner: Person) -> str:
    """Return the path of another person's day."""
    return f"days/{DAY}/?owner={owner.uuid}"


def middle(address: str, person: Person) -> str:
    """Return the path of the middle page of todos/, found by following the links to the end."""
    cursors: list[str] = []
    path = f"todos/?page_size={LARGEST_PAGE}"
    while link := _get(address, path, person)["next"]:
        (cursor,) = parse_qs(urlsplit(link).query)["cursor"]
        cursors.append(quote(cursor))
        path = f"todos/?page_size={LARGEST_PAGE}&cursor={cursors[-1]}"
    return f"todos/?cursor={cursors[len(cursors) // 2]}"


def _get(address: str, path: str, person: Person) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {person.access}"}
    request = urllib.request.Request(f"{address}{API}/{path}", headers=headers)  # noqa: S310  # the address of our server
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # as above
        body: dict[str, str] = json.load(answer)
    return body


def measure(address: str, pair: Pair, folder: Path, seconds: int) -> tuple[load.Load, load.Load]:
    """Run wrk once for each person, the special one first."""
    runs = []
    for who, lines in (("special", pair.special), ("ordinary", pair.ordinary)):
        path = folder / f"{pair.name}-{who}.txt"
        path.write_text("".join(lines))
        time.sleep(PAUSE)
        runs.append(load.run(address, path, "read", seconds, pair.connections))
    return runs[0], runs[1]
