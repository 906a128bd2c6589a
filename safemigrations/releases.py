"""Find pending migrations that remove what the running release may still use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from safemigrations.linter import is_contracting, subjects

type Key = tuple[str, str]

# A migration as `showmigrations --plan` names it, but not the "[X]" beside it.
NAME = re.compile(r"(?<!\S)(\w+)\.([\w-]+)(?!\S)")


@dataclass(frozen=True)
class PrematureMigration:
    """A migration that has to wait until a release that contains `requires` is running.

    `running_known`: whether it is known which migrations the running release has; if not,
    `requires` is a migration that is pending itself.
    """

    migration: Migration
    requires: Key
    running_known: bool


def find_premature(
    executor: MigrationExecutor, pending: list[Migration], running: str
) -> Iterator[PrematureMigration]:
    """Yield the pending migrations that may not be deployed yet.

    `running` has the names of the running release's migrations, for example the output of its
    `showmigrations --plan`; it is empty if no release is running or nothing is known of it.

    The record of a preparing migration does not prove that its release ever served: it may never
    have become ready, or may have been rolled back. The record decides only if nothing is known.
    """
    loader = executor.loader
    known = parse_migrations(running, loader)
    installed_apps = {app for app, _ in loader.applied_migrations}
    for migration in pending:
        if not is_contracting(migration) or migration.app_label not in installed_apps:
            continue
        if known:
            missing = _missing_in(known, loader, migration)
        else:
            missing = _pending_preparations(loader, migration, pending)
        if missing:
            yield PrematureMigration(migration, missing[-1], running_known=bool(known))


def parse_migrations(text: str, loader: MigrationLoader) -> set[Key]:
    """Return the migrations named in a text, with those they replace or are replaced by.

    A squashed migration does the same as those it replaces.
    """
    found: set[Key] = set(NAME.findall(text))
    size = -1
    while size < len(found):  # a squashed migration may be replaced by another one
        size = len(found)
        for key, squashed in loader.replacements.items():
            if key in found:
                found |= set(squashed.replaces)
            elif found.issuperset(squashed.replaces):
                found.add(key)
    return found


def _missing_in(known: set[Key], loader: MigrationLoader, migration: Migration) -> list[Key]:
    """Return the migrations of the app that this one depends on and the running release lacks.

    Other contracting migrations do not count. All the rest does, since the preparation may have
    been a change of code, which the graph does not show except by migrations of the same release.
    An app that the running release does not have is not used by it.
    """
    app_label = migration.app_label
    if all(app != app_label for app, _ in known):
        return []
    return [
        key
        for key in _app_dependencies(loader, migration)
        if key not in known and not is_contracting(loader.graph.nodes[key])
    ]


def _pending_preparations(
    loader: MigrationLoader, migration: Migration, pending: list[Migration]
) -> list[Key]:
    """Return the migrations this one depends on that are pending and about the same field."""
    nodes = loader.graph.nodes
    waiting = {(one.app_label, one.name) for one in pending}
    return [
        key
        for key in _app_dependencies(loader, migration)
        if key in waiting and subjects(nodes[key]) & subjects(migration)
    ]


def _app_dependencies(loader: MigrationLoader, migration: Migration) -> list[Key]:
    plan = loader.graph.forwards_plan((migration.app_label, migration.name))[:-1]
    return [key for key in plan if key[0] == migration.app_label]
