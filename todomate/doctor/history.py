"""What the doctor says of migrations: which wait, broke off or do not fit, and whether the schema is theirs."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from safemigrations import comparison as tables
from safemigrations import interrupted as broken_off
from safemigrations import releases as two_steps
from safemigrations import unrecorded
from safemigrations.linter import own_apps
from todomate.doctor.findings import SHOWN, Finding, listed

MIGRATE = "Run `python manage.py migrate`."
MEND = "Run `python manage.py mend`, which does the rest of it, and then `python manage.py migrate`."


def examine(connection: BaseDatabaseWrapper, *, before_deploy: bool, in_service: str = "") -> Iterator[Finding]:
    """Findings about the history of migrations and the schema of a database that can be reached.

    `before_deploy`: mend and migrate run next, so what they see to is only noted, and two steps that must not be taken
    at once are an error; `in_service` names the migrations of the release that serves meanwhile. Reads only, but for a
    temporary table where something is in a migration's way.
    """
    executor = MigrationExecutor(connection)
    try:
        executor.loader.check_consistent_history(connection)
    except InconsistentMigrationHistory as error:
        yield inconsistent(executor, error)
        return
    newer = list(_newer(executor))
    yield from newer
    broken = list(broken_off.find(executor))
    for one in broken:
        yield _broken(one, before_deploy=before_deploy)
    pending = waiting(executor)
    if pending:
        yield _pending(pending, before_deploy=before_deploy)
    if before_deploy:
        yield from two_steps.examine(executor, pending, in_service)
    if not broken:
        yield from tables.examine(executor, newer=bool(newer))


def waiting(executor: MigrationExecutor) -> list[Migration]:
    """The migrations that `migrate` would run, in its order."""
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def inconsistent(executor: MigrationExecutor, error: InconsistentMigrationHistory) -> Finding:
    """A migration is recorded, and one that it depends on is not: what the real schema has of that one."""
    lost = list(unrecorded.find(executor))
    database = executor.connection.settings_dict["NAME"]
    do = (
        "Look whether DATABASE_URL names the database of another project. If the database is this server's and holds"
        " nothing to keep, drop it, create it empty and run `python manage.py migrate`; otherwise restore a backup from"
        " before the history was changed (`scripts/restore`)."
    )
    if lost and all(one.is_there for one in lost):
        do = (
            "If the database is this server's, run `python manage.py mend`, which records it; otherwise correct"
            " DATABASE_URL."
        )
    says = f"The history of migrations in the database {database} is not this server's: {error}"
    return Finding("history-inconsistent", " ".join([says, *[one.says for one in lost if one.makes][:SHOWN]]), do)


def _newer(executor: MigrationExecutor) -> Iterator[Finding]:
    known, own = executor.loader.graph.nodes, own_apps()
    keys = sorted(key for key in executor.loader.applied_migrations if key[0] in own and key not in known)
    if keys:
        yield Finding(
            "history-newer",
            f"The schema is newer than this release, which does not know {listed('.'.join(key) for key in keys)}.",
            "Nothing is to be done after a rollback: the release before runs on the schema of the next.",
            "note",
        )


def _broken(one: broken_off.BrokenOff, *, before_deploy: bool) -> Finding:
    if one.progress.in_the_way:
        return Finding(
            "schema-in-the-way",
            one.says,
            "No migration that broke off leaves that behind, so `mend` does not touch it. See what it is. If it belongs"
            " to another program, TodoMate needs a database of its own. If it was made by hand, take it away. If the"
            " migration ran and only its record was lost, `python manage.py migrate --fake"
            f" {one.migration.app_label} {one.migration.name}` records it.",
        )
    return Finding("migration-broken-off", one.says, MEND, "note" if before_deploy else "error")


def _pending(pending: list[Migration], *, before_deploy: bool) -> Finding:
    names = listed(str(migration) for migration in pending)
    says = f"{len(pending)} migrations have not run: {names}." if pending[1:] else f"The migration {names} has not run."
    return Finding("migrations-pending", says, MIGRATE, "note" if before_deploy else "error")
