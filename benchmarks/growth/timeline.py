"""Measure the timeline from 10 thousand posts to 10 million: `make growth ARGS=--timeline`.

In each size a few people follow 1,000 others each; in the larger ones two more follow 20 and 5,000.
Everyone publishes once a day. The first page is measured and the twentieth: the time of a request
within the process, of which the median counts, and the processor time and the rows read of the
database server (lists.py).
"""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from django.db import connection, transaction
from rest_framework.test import APIClient

from benchmarks import rows, seed
from benchmarks.growth import lists
from benchmarks.rows import FIRST, LONG_AGO

VERSION = 1
FEW_FOLLOWED, FOLLOWED, MOST_FOLLOWED = 20, 1_000, 5_000
VIEWERS = 5  # who follow FOLLOWED others each
EXTREME = {VIEWERS: FEW_FOLLOWED, VIEWERS + 1: MOST_FOLLOWED}
PAGES = (1, 20)
ROUNDS, TRIES = 5, 4  # for each viewer and page
BAR = 1.5  # of the median in the largest database, to that in the smallest
MOST_MILLISECONDS = {
    FEW_FOLLOWED: 50.0,
    FOLLOWED: 50.0,
    MOST_FOLLOWED: 250.0,
}  # of the database's processor
ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Size:
    """The number of people who publish, and of the posts of each."""

    people: int
    posts: int

    @property
    def all_posts(self) -> int:
        return self.people * self.posts


SIZES = (Size(1_000, 10), Size(5_000, 200), Size(10_000, 1_000))


@dataclass
class Figures:
    """The figures of one page of a person with so many followees, in milliseconds."""

    all_posts: int
    followed: int
    page: int
    p50: float
    processor: float  # of the process and the database together
    database: float
    rows: int


# Writers are people from WRITERS on, viewers those before.
WRITERS = FIRST + VIEWERS + len(EXTREME)
# One post a day each, at a time of day of one's own; the newest is of the last day.
MADE = (
    "TIMESTAMP'2026-03-18 00:00:00' - INTERVAL (%(posts)s - 1 - d.n) DAY"
    " + INTERVAL CRC32(CONCAT(p.n, '@', d.n)) %% 86400000000 MICROSECOND"
)
POSTS = f"""
INSERT INTO diaries_diary (created_at, updated_at, id, date, body, emoji, visibility, is_draft,
  post, published_at, owner_id)
SELECT made, made, {rows._uuid7("post", "owner, '-', day", "made")},
  DATE '2000-01-01' + INTERVAL day DAY, REPEAT('오늘은 A quiet day. ', 1 + h %% 6), '😀',
  IF(h %% 10 = 0, 'selected', IF(h %% 2, 'followers', 'public')), 0,
  (CAST(ROUND(1000 * UNIX_TIMESTAMP(made)) AS SIGNED) << 20) + h %% 1048576, made, owner
FROM (
  SELECT p.n + {WRITERS} AS owner, d.n AS day, CRC32(CONCAT(p.n, '/', d.n)) AS h, {MADE} AS made
  FROM bench_number d JOIN bench_number p
  WHERE d.n >= %(begin)s AND d.n < %(end)s AND p.n < %(people)s
) u ORDER BY 3"""
FOLLOWS = f"""
INSERT INTO accounts_follow (created_at, updated_at, state, follower_id, followee_id)
SELECT {LONG_AGO}, {LONG_AGO}, 'accepted', {FIRST} + %(viewer)s,
  {WRITERS} + (%(viewer)s * 733 + n.n * %(step)s) %% %(people)s
FROM bench_number n WHERE n.n < %(count)s"""
# Half of the posts for selected followers are for the viewers.
ENTRIES = """
INSERT INTO diaries_diary_viewers (diary_id, follow_id)
SELECT d.id, f.id FROM diaries_diary d JOIN accounts_follow f ON f.followee_id = d.owner_id
WHERE d.visibility = 'selected' AND d.post % 2 = 0"""


def prepare(name: str, size: Size) -> None:
    """Fill the database of this name, unless it is filled already."""
    seed.use("information_schema")
    wanted = (VERSION, size.people, size.posts)
    if seed.contents(name) == wanted:
        seed.use(name)
        seed.migrate()
        return
    print(f"Filling {name}: {size.all_posts:,} posts", flush=True)
    seed.query(f"DROP DATABASE IF EXISTS `{name}`")
    seed.query(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    seed.use(name)
    seed.migrate()
    seed.query("CREATE TABLE bench_seed (version INT, people INT, todos INT)")
    seed.query("CREATE TABLE bench_number (n INT PRIMARY KEY)")
    seed.query("SET foreign_key_checks = 0, unique_checks = 0")
    seed.write_numbers(max(size.people + WRITERS - FIRST, size.posts))
    write(size)
    seed.query("SET foreign_key_checks = 1, unique_checks = 1")
    seed.query(f"ANALYZE TABLE {seed.TABLES}, diaries_diary_viewers")
    seed.query("INSERT INTO bench_seed VALUES (%s, %s, %s)", wanted)


def write(size: Size) -> None:
    """Write people, follows and posts."""
    everyone = {"low": 0, "high": size.people + WRITERS - FIRST - 1, "people": size.people}
    with transaction.atomic():
        seed.query(rows.USERS, everyone)
        seed.query(rows.PROFILES, everyone)
        for viewer, count in viewers(size):
            step = size.people // count
            values = {"viewer": viewer, "count": count, "step": step, "people": size.people}
            seed.query(FOLLOWS, values)
    days = max(1, ROWS_AT_ONCE // size.people)
    with without_indexes():
        for begin in range(0, size.posts, days):
            end = min(begin + days, size.posts)
            values = {"people": size.people, "posts": size.posts, "begin": begin, "end": end}
            seed.query(POSTS, values)
    seed.query(ENTRIES)


@contextmanager
def without_indexes() -> Iterator[None]:
    """Drop the indexes that no foreign key needs, and make them again, which is faster."""
    found = seed.query(
        "SELECT index_name, MIN(non_unique), GROUP_CONCAT(column_name ORDER BY seq_in_index)"
        " FROM information_schema.statistics WHERE table_schema = DATABASE()"
        " AND table_name = 'diaries_diary' AND index_name NOT IN ('PRIMARY', 'diary_of_day')"
        " GROUP BY index_name"
    )
    names = [f"DROP INDEX `{name}`" for name, *_ in found]
    seed.query(f"ALTER TABLE diaries_diary {', '.join(names)}")
    yield
    added = [
        f"ADD {'' if other else 'UNIQUE '}INDEX `{name}` ({columns})"
        for name, other, columns in found
    ]
    seed.query(f"ALTER TABLE diaries_diary {', '.join(added)}")


def viewers(size: Size) -> Iterator[tuple[int, int]]:
    """Yield the number of each viewer and how many people they follow."""
    yield from ((number, FOLLOWED) for number in range(VIEWERS))
    if size.people >= MOST_FOLLOWED:
        yield from EXTREME.items()


@cache
def page_path(size: Size, viewer: int, page: int) -> str:
    """Return the URL of a page in the database that the connection uses."""
    path = f"http://127.0.0.1{lists.API}timeline/"
    with lists.signed_in(FIRST + viewer) as client:
        for _ in range(page - 1):
            path = client.get(path).json()["next"]
    return path


class Series:
    """The measurements of one page of people who follow as many others."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []
        self.costs: list[lists.Cost] = []

    def measure(self, client: APIClient, path: str) -> None:
        """Measure the page once more: the time of TRIES requests, and the database's cost."""
        cost, _ = lists.cost_of(client, path)
        self.costs.append(cost)
        for _ in range(TRIES):
            begin, spent = time.perf_counter(), time.process_time()
            answer = client.get(path)
            self.wall.append(1000 * (time.perf_counter() - begin))
            self.processor.append(1000 * (time.process_time() - spent) + cost.milliseconds)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.content!r}")

    def figures(self, all_posts: int, followed: int, page: int) -> Figures:
        """Return the medians."""
        return Figures(
            all_posts,
            followed,
            page,
            statistics.median(self.wall),
            statistics.median(self.processor),
            statistics.median(cost.milliseconds for cost in self.costs),
            max(cost.rows for cost in self.costs),
        )


def measure(name: str, largest: int) -> list[Figures]:
    """Fill all sizes up to `largest` posts and measure them in turn, in every round."""
    sizes = [size for size in SIZES if size.all_posts <= largest]
    for size in sizes:
        prepare(f"{name}_timeline_{size.all_posts}", size)
    series: dict[tuple[int, int, int], Series] = defaultdict(Series)
    for number in range(ROUNDS):
        print(f"timeline: round {number + 1} of {ROUNDS}", flush=True)
        for size in sizes:
            seed.use(f"{name}_timeline_{size.all_posts}")
            for viewer, followed in viewers(size):
                with lists.signed_in(FIRST + viewer) as client:
                    for page in PAGES:
                        path = page_path(size, viewer, page)
                        series[size.all_posts, followed, page].measure(client, path)
    return [one.figures(*key) for key, one in sorted(series.items())]


def ratios(found: list[Figures]) -> Mapping[int, float]:
    """Return the median in the largest database, divided by that in the smallest, by page."""

    def p50(page: int, at: int) -> float:
        return [f.p50 for f in found if f.page == page and f.followed == FOLLOWED][at]

    return {page: p50(page, -1) / p50(page, 0) for page in PAGES}


def table(found: list[Figures]) -> Iterator[str]:
    """Return the figures in Markdown."""
    yield (
        "| posts | follows | page | p50 ms | processor ms, with the database's |"
        " database's processor ms | rows read, at most |"
    )
    yield "|---|---|---|---|---|---|---|"
    for one in found:
        yield (
            f"| {one.all_posts:,} | {one.followed:,} | {one.page} | {one.p50:.1f} |"
            f" {one.processor:.1f} | {one.database:.1f} | {one.rows:,} |"
        )


def faults(found: list[Figures]) -> Iterator[str]:
    """Yield a sentence for each bar that is not met."""
    for page, ratio in ratios(found).items():
        if ratio > BAR:
            yield f"page {page}: p50 grows {ratio:.2f} times; the bar is {BAR}"
    for one in found:
        if one.database > (most := MOST_MILLISECONDS[one.followed]):
            yield f"{one}: {one.database:.1f} ms of the database; the bar is {most:.0f}"


def drop(name: str) -> None:
    """Delete the databases of all sizes."""
    with connection.cursor() as cursor:
        for size in SIZES:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}_timeline_{size.all_posts}`")
