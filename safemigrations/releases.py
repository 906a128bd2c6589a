"""Whether the release in service still uses what a pending migration takes away."""

import re
from collections.abc import Iterator

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

from safemigrations.linter import is_second_step, subjects
from todomate.doctor.findings import Finding

type Key = tuple[str, str]

# Not the marks of `showmigrations --plan` beside them.
NAME = re.compile(r"(?<!\S)(\w+)\.([\w-]+)(?!\S)")


def examine(executor: MigrationExecutor, pending: list[Migration], in_service: str) -> Iterator[Finding]:
    """`in_service`: the names of the migrations that the release in service has; "" where none is, or who knows which.

    That a first step is recorded does not say that its release ever served: it may never have become ready, or
    somebody went back. Where nothing is known of the release in service, the record has to do.
    """
    has = named(in_service, executor.loader)
    apps = {app for app, _ in executor.loader.applied_migrations}
    for migration in pending:
        if is_second_step(migration) and migration.app_label in apps:
            missing = lacking(executor.loader, migration, has) if has else waiting(executor.loader, migration, pending)
            if missing:
                yield _said(migration, missing[-1], in_service=bool(has))


def _said(migration: Migration, first: Key, *, in_service: bool) -> Finding:
    name = ".".join(first)
    why = f"{name}, which prepares that, has not run either"
    if in_service:
        why = f"that one does not have {name}, on which it rests"
    return Finding(
        "two-steps-at-once",
        f"{migration} takes away what the release in service may still use: {why}.",
        f"Deploy the release that has {name} and not {migration} first, and this one once that one serves.",
    )


def named(text: str, loader: MigrationLoader) -> set[Key]:
    """The migrations named in a text, those that they replace, and those that replace them: they do the same."""
    found: set[Key] = set(NAME.findall(text))
    before = -1
    while before < len(found):  # what replaces may be replaced in its turn
        before = len(found)
        for key, squashed in loader.replacements.items():
            if key in found:
                found |= set(squashed.replaces)
            elif found.issuperset(squashed.replaces):
                found.add(key)
    return found


def lacking(loader: MigrationLoader, migration: Migration, has: set[Key]) -> list[Key]:
    """Those of its app that it depends on and that the release in service has not, but for other second steps.

    All of them, since the step before may have been code alone, of which the graph knows nothing but what came along
    with it. An app that the release in service does not know, it does not use.
    """
    app = migration.app_label
    if all(other != app for other, _ in has):
        return []
    return [key for key in _before(loader, migration) if key not in has and not is_second_step(loader.graph.nodes[key])]


def waiting(loader: MigrationLoader, migration: Migration, pending: list[Migration]) -> list[Key]:
    """Those of its app that have not run either and speak of the same field."""
    waits = {(one.app_label, one.name) for one in pending}
    nodes = loader.graph.nodes
    return [key for key in _before(loader, migration) if key in waits and subjects(nodes[key]) & subjects(migration)]


def _before(loader: MigrationLoader, migration: Migration) -> list[Key]:
    plan = loader.graph.forwards_plan((migration.app_label, migration.name))[:-1]
    return [key for key in plan if key[0] == migration.app_label]
