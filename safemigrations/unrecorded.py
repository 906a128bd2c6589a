"""Migrations that others depend on, which are applied, and which are not recorded themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from safemigrations import comparison as tables

type Key = tuple[str, str]
type Part = tuple[str, str]  # a table and one of its columns


@dataclass(frozen=True)
class Unrecorded:
    """`makes` are its columns, `lacks` those that the database has not."""

    key: Key
    makes: frozenset[Part]
    lacks: frozenset[Part]

    @property
    def is_there(self) -> bool:
        """All that can be seen of it, and there is something to be seen."""
        return bool(self.makes) and not self.lacks

    @property
    def says(self) -> str:
        """Of one that makes something."""
        name, of = ".".join(self.key), sorted({table for table, _ in self.makes})
        if self.is_there:
            return f"The database has all that {name} makes ({', '.join(of)}), and no record of it."
        if self.lacks == self.makes:
            return f"The database has nothing of what {name} makes ({', '.join(of)})."
        return f"The database has a part of what {name} makes, and lacks {len(self.lacks)} of its columns."


def find(executor: MigrationExecutor) -> Iterator[Unrecorded]:
    """In the order in which they run."""
    loader = executor.loader
    plans = (loader.graph.forwards_plan(key) for key in sorted(loader.applied_migrations) if key in loader.graph.nodes)
    missing = dict.fromkeys(key for plan in plans for key in plan if key not in loader.applied_migrations)
    if not missing:
        return
    real = {(name, column) for name, table in tables.read(executor.connection).items() for column in table.columns}
    for key in missing:
        makes = parts(loader, key, at_end=True) - parts(loader, key, at_end=False)
        yield Unrecorded(key, makes, makes - real)


def parts(loader: MigrationLoader, key: Key, *, at_end: bool) -> frozenset[Part]:
    """The columns that there are before or after a migration."""
    models = loader.project_state(key, at_end=at_end).apps.get_models(include_auto_created=True)
    found = (model._meta for model in models if model._meta.managed and not model._meta.proxy)
    return frozenset((of.db_table, field.column) for of in found for field in of.local_fields if field.column)


def record(executor: MigrationExecutor, lost: list[Unrecorded]) -> None:
    for one in lost:
        executor.recorder.record_applied(*one.key)
