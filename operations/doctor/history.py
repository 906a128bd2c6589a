"""Check the migrations and the schema of a database."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from operations.doctor.findings import SHOWN, Finding, listed
from safemigrations.comparison import SchemaDifferences, compare_schema
from safemigrations.conf import project_app_labels
from safemigrations.history import pending_migrations
from safemigrations.interrupted import InterruptedMigration, find_interrupted
from safemigrations.releases import PrematureMigration, find_premature
from safemigrations.unrecorded import find_unrecorded

MIGRATE = "Run `python manage.py migrate`."
MEND = "Run `python manage.py mend`, which completes it, and then `python manage.py migrate`."


def examine(
    connection: BaseDatabaseWrapper, *, before_deploy: bool, in_service: str = ""
) -> Iterator[Finding]:
    """Yield findings about a database that can be reached.

    `before_deploy`: mend and migrate run next, so what they put right is only noted, and a
    migration that the running release is not prepared for is an error. `in_service` names the
    migrations of that release. Nothing is changed, except for a temporary table where the schema
    conflicts with a migration.
    """
    executor = MigrationExecutor(connection)
    try:
        executor.loader.check_consistent_history(connection)
    except InconsistentMigrationHistory as error:
        yield _inconsistent(executor, error)
        return
    newer = _newer_migrations(executor)
    if newer:
        yield _newer(newer)
    interrupted = list(find_interrupted(executor))
    for one in interrupted:
        yield _interrupted(one, before_deploy=before_deploy)
    pending = pending_migrations(executor)
    if pending:
        yield _pending(pending, before_deploy=before_deploy)
    if before_deploy:
        for premature in find_premature(executor, pending, in_service):
            yield _premature(premature)
    if not interrupted:
        differences = compare_schema(executor, newer=bool(newer))
        yield from _differences(str(connection.settings_dict["NAME"]), differences)


def _inconsistent(executor: MigrationExecutor, error: InconsistentMigrationHistory) -> Finding:
    """Report a migration that is recorded although one it depends on is not."""
    found = list(find_unrecorded(executor))
    database = executor.connection.settings_dict["NAME"]
    hint = (
        "Check whether DATABASE_URL names the database of another project. If it is this server's"
        " and holds nothing to keep, drop it, create it again empty and run `python manage.py"
        " migrate`. Otherwise restore a backup from before the history was changed"
        " (`scripts/restore`)."
    )
    if found and all(one.is_applied for one in found):
        hint = (
            "If the database is this server's, run `python manage.py mend`, which records it;"
            " otherwise correct DATABASE_URL."
        )
    message = f"The history of migrations in the database {database} is inconsistent: {error}"
    details = [one.message for one in found if one.creates]
    return Finding("history-inconsistent", " ".join([message, *details[:SHOWN]]), hint)


def _newer_migrations(executor: MigrationExecutor) -> list[str]:
    """Return the applied migrations of our apps that this release does not have."""
    own, nodes = project_app_labels(), executor.loader.graph.nodes
    applied = sorted(executor.loader.applied_migrations)
    return [".".join(key) for key in applied if key[0] in own and key not in nodes]


def _newer(names: list[str]) -> Finding:
    return Finding(
        "history-newer",
        f"The schema is newer than this release, which does not know {listed(names)}.",
        "After a rollback there is nothing to do: a release runs on the schema of the next one.",
        "note",
    )


def _interrupted(one: InterruptedMigration, *, before_deploy: bool) -> Finding:
    if one.progress.conflict:
        return Finding(
            "schema-in-the-way",
            one.message,
            "An interrupted migration does not leave this behind, so `mend` does not touch it. Find"
            " out what it is. If it belongs to another program, give TodoMate a database of its"
            " own. If it was created by hand, remove it. If the migration ran and only its record"
            f" was lost, run `python manage.py migrate --fake {one.migration.app_label}"
            f" {one.migration.name}`.",
        )
    return Finding("migration-broken-off", one.message, MEND, "note" if before_deploy else "error")


def _pending(pending: list[Migration], *, before_deploy: bool) -> Finding:
    names = listed(str(migration) for migration in pending)
    message = f"The migration {names} has not run."
    if len(pending) > 1:
        message = f"{len(pending)} migrations have not run: {names}."
    return Finding("migrations-pending", message, MIGRATE, "note" if before_deploy else "error")


def _premature(premature: PrematureMigration) -> Finding:
    name, required = str(premature.migration), ".".join(premature.requires)
    reason = f"{required}, which prepares for that, has not run either"
    if premature.running_known:
        reason = f"it does not have {required}, which prepares for that"
    return Finding(
        "two-steps-at-once",
        f"{name} removes what the running release may still use: {reason}.",
        f"First deploy the release that has {required} but not {name}, and this one once that one"
        " is running.",
    )


def _differences(database: str, differences: SchemaDifferences) -> Iterator[Finding]:
    if differences.missing:
        yield Finding(
            "schema-differs",
            f"The database {database} lacks what its migrations have created:"
            f" {listed(differences.missing)}.",
            "It was changed by hand, or a restore was incomplete. Create it again by hand, or"
            " restore a backup (`scripts/restore`).",
        )
    if differences.repairs:
        yield Finding(
            "schema-asks-for-more",
            f"The database {database} has {len(differences.repairs)} columns that no migration"
            " created and that are NOT NULL without a default: every new row of their tables is"
            " refused.",
            "\n".join(["Find out what created them, and drop them or run:", *differences.repairs]),
        )
