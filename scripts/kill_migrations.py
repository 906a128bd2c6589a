"""Kills every migration, Django's own included, before and after each of its statements, and mends it (minutes).

DATABASE_URL=mysql://user:password@host:port/name TODOMATE_ENV=local python scripts/kill_migrations.py [APP …]

Each time: a process that runs `migrate` is ended by SIGKILL; the doctor must name the migration when something of it
is there, and nothing else; `mend` and `migrate` must bring the schema to what an undisturbed run makes. The tests have
a smaller share of this (safemigrations/tests).
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safemigrations.tests.settings")

import django

django.setup()

from django.db import connection, connections  # noqa: E402  # after django knows the apps
from django.db.migrations.executor import MigrationExecutor  # noqa: E402  # as above

from safemigrations.tests.base import OURS, ask, empty_database, findings, run, schema  # noqa: E402  # as above
from safemigrations.tests.killed import arm  # noqa: E402  # as above

Key = tuple[str, str]


def in_a_process(work: Callable[[], Any]) -> int:
    """How a process of its own ends that does this: 0, or the signal that ended it. An error in it ends all."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(3)
    status = os.waitpid(pid, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("The migration failed by itself: see above.")
    return os.WTERMSIG(status)


def killed(key: Key, number: int, when: str) -> bool:
    """Run a migration in a process that ends at a statement; whether there was such a statement."""

    def work() -> None:
        arm(number, when)
        run("migrate", *key, verbosity=0)

    return in_a_process(work) != 0


class Copy:
    """A database as it was: its tables without rows, and the record of migrations."""

    def __init__(self) -> None:
        self.tables = [ask(f"SHOW CREATE TABLE `{table}`")[0][1] for (table,) in ask("SHOW TABLES")]
        self.recorded = ask("SELECT app, name, applied FROM django_migrations") if self.tables else []

    def restore(self) -> None:
        name = OURS.settings_dict["NAME"]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            cursor.execute(f"USE {name}")
            cursor.execute("SET foreign_key_checks = 0")
            for table in self.tables:
                cursor.execute(table)
            cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", self.recorded)
        connection.close()


def points(key: Key, before: Copy) -> Iterator[tuple[int, str]]:
    """Kill the migration at each place in turn, on the schema before it; each place, while it lies there."""
    number = 0
    while True:
        for when in ("before", "after"):
            before.restore()
            if not killed(key, number, when):
                return
            yield number, when
        number += 1


def campaign(key: Key, before: Copy) -> tuple[int, int, list[str]]:
    """How often the migration was killed, how often that left something to mend, and what was wrong."""
    before.restore()
    run("migrate", *key, verbosity=0)
    whole, count, mended = schema(), 0, 0
    wrong: list[str] = []
    for number, when in points(key, before):
        named, bad = mend(key, begun=(number, when) != (0, "before"))
        if schema() != whole:
            bad.append("the schema differs from an undisturbed run's")
        count, mended = count + 1, mended + named
        wrong += [f"{key} {number} {when}: {what}" for what in bad]
    return count, mended, wrong


def mend(key: Key, *, begun: bool) -> tuple[bool, list[str]]:
    """Whether the doctor names this migration, and what was wrong until it is done."""
    found, wrong = findings(), []
    broken = found.pop("migration-broken-off", None)
    if set(found) - {"migrations-pending"} or (broken and (not begun or ".".join(key) not in broken.says)):
        wrong.append(f"the doctor says {broken} {found}")
    said = run("mend")
    if ("is complete now" in said) != bool(broken):
        wrong.append(f"mend says {said}")
    run("migrate", *key, verbosity=0)
    return bool(broken), wrong


def main(apps: list[str]) -> int:
    kills, mended = 0, 0
    wrong: list[str] = []
    with empty_database():
        executor = MigrationExecutor(connection)
        for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            key = (migration.app_label, migration.name)
            if apps and key[0] not in apps:
                run("migrate", *key, verbosity=0)
                continue
            found = campaign(key, Copy())
            print(f"{migration}: killed {found[0]} times, mended {found[1]} times, {len(found[2])} wrong", flush=True)
            kills, mended, wrong = kills + found[0], mended + found[1], wrong + found[2]
            run("migrate", *key, verbosity=0)
    print(*wrong, f"killed {kills} times, mended {mended} times, {len(wrong)} wrong", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
