"""Kill every migration, Django's own included, at each of its statements, and mend it.

Usage, with the environment variables DATABASE_URL=mysql://user:password@host:port/name and
TODOMATE_ENV=local: python scripts/kill_migrations.py [APP …]

It takes minutes. Each time a process that runs `migrate` is ended by SIGKILL before or after a
statement. If anything of the migration is left, the doctor must report it, and nothing else; `mend`
and `migrate` must produce the schema of an undisturbed run. The tests do the same at fewer places
(safemigrations/tests/test_mend.py).
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.doctor.shop_settings")

import django

django.setup()

from django.db import connection, connections  # noqa: E402  # after django.setup()
from django.db.migrations.executor import MigrationExecutor  # noqa: E402  # as above

from safemigrations.tests.base import (  # noqa: E402  # as above
    CONNECTION,
    empty_database,
    execute,
    run,
    schema,
)
from safemigrations.tests.killed import arm  # noqa: E402  # as above
from tests.doctor.migrations import findings  # noqa: E402  # as above

Key = tuple[str, str]


def run_in_process(work: Callable[[], Any]) -> int:
    """Run `work` in a process of its own; return the signal that ended it, or 0.

    Raise RuntimeError if it failed.
    """
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


def kill_migration(key: Key, number: int, when: str) -> bool:
    """Kill a migration at a statement; return False if it has no such statement."""

    def work() -> None:
        arm(number, when)
        run("migrate", *key, verbosity=0)

    return run_in_process(work) != 0


class Snapshot:
    """A database's tables without rows, and its record of migrations."""

    def __init__(self) -> None:
        tables = [table for (table,) in execute("SHOW TABLES")]
        self.tables = [execute(f"SHOW CREATE TABLE `{table}`")[0][1] for table in tables]
        self.recorded = []
        if tables:
            self.recorded = execute("SELECT app, name, applied FROM django_migrations")

    def restore(self) -> None:
        name = CONNECTION.settings_dict["NAME"]
        insert = "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            cursor.execute(f"USE {name}")
            cursor.execute("SET foreign_key_checks = 0")
            for table in self.tables:
                cursor.execute(table)
            cursor.executemany(insert, self.recorded)
        connection.close()


def kill_everywhere(key: Key, before: Snapshot) -> Iterator[tuple[int, str]]:
    """Kill the migration at one place after another; yield each place while it is interrupted."""
    number = 0
    while True:
        for when in ("before", "after"):
            before.restore()
            if not kill_migration(key, number, when):
                return
            yield number, when
        number += 1


def try_migration(key: Key, before: Snapshot) -> tuple[int, int, list[str]]:
    """Return how often it was killed, how often it had to be mended, and all that was wrong."""
    before.restore()
    run("migrate", *key, verbosity=0)
    whole = schema()
    kills = 0
    mended = 0
    wrong: list[str] = []
    for number, when in kill_everywhere(key, before):
        reported, problems = mend(key, begun=(number, when) != (0, "before"))
        if schema() != whole:
            problems.append("the schema differs from an undisturbed run's")
        kills += 1
        mended += reported
        wrong += [f"{key} {number} {when}: {problem}" for problem in problems]
    return kills, mended, wrong


def mend(key: Key, *, begun: bool) -> tuple[bool, list[str]]:
    """Complete the migration; return whether the doctor reported it, and all that was wrong."""
    found = findings()
    wrong: list[str] = []
    interrupted = found.pop("migration-broken-off", None)
    expected = interrupted is None or (begun and ".".join(key) in interrupted.message)
    if set(found) - {"migrations-pending"} or not expected:
        wrong.append(f"the doctor reports {interrupted} {found}")
    output = run("mend")
    if ("is now complete" in output) != bool(interrupted):
        wrong.append(f"mend prints {output}")
    run("migrate", *key, verbosity=0)
    return bool(interrupted), wrong


def main(apps: list[str]) -> int:
    kills = 0
    mended = 0
    wrong: list[str] = []
    with empty_database():
        executor = MigrationExecutor(connection)
        for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            key = (migration.app_label, migration.name)
            if apps and key[0] not in apps:
                run("migrate", *key, verbosity=0)
                continue
            result = try_migration(key, Snapshot())
            print(
                f"{migration}: killed {result[0]} times, mended {result[1]} times,"
                f" {len(result[2])} wrong",
                flush=True,
            )
            kills += result[0]
            mended += result[1]
            wrong += result[2]
            run("migrate", *key, verbosity=0)
    print(*wrong, f"killed {kills} times, mended {mended} times, {len(wrong)} wrong", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
