"""A contracting migration has to wait until the release that prepares for it is running."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings

from safemigrations.history import pending_migrations
from safemigrations.linter import lint_project
from safemigrations.releases import PrematureMigration, find_premature, parse_migrations
from safemigrations.tests.base import database, key_of, migrate, needs_mysql, run

__all__ = ["database"]

# Release 2 removes the weight from the models (0011). Release 3 drops it (0012), and more (0013).
REMOVES = ("shop", "0011_forget_weight_in_the_models")
DROPS = "shop.0012_take_weight_away"


def plan_of(number: int) -> str:
    """Return the plan of a release whose last migration of the shop is this one."""
    before, name, _ = run("showmigrations", "--plan").partition(f"shop.{key_of(number)[1]}\n")
    return before + name


def premature(running: str) -> list[PrematureMigration]:
    executor = MigrationExecutor(connection)
    return list(find_premature(executor, pending_migrations(executor), running))


@needs_mysql
@pytest.mark.usefixtures("database")
class TestReleaseThree:
    def test_it_waits_while_release_1_is_running_although_release_2_has_migrated(self) -> None:
        migrate(11)
        first, *_ = premature(plan_of(10))
        assert str(first.migration) == DROPS
        assert (first.requires, first.running_known) == (REMOVES, True)

    def test_it_may_be_deployed_with_all_its_migrations_while_release_2_is_running(self) -> None:
        migrate(11)
        assert premature(plan_of(11)) == []

    def test_plain_names_are_enough(self) -> None:
        migrate(11)
        names = [f"shop.{key_of(number)[1]}" for number in range(1, 12)]
        assert premature(" ".join(names)) == []
        assert len(premature("\n".join(names[:-1]))) == 2

    def test_the_records_decide_if_no_release_is_running(self) -> None:
        migrate(11)
        assert premature("") == premature("(no migrations)\n") == []
        migrate(10)
        (found,) = premature("")
        assert (found.requires, found.running_known) == (REMOVES, False)

    def test_an_app_that_the_running_release_does_not_have_is_not_used_by_it(self) -> None:
        migrate(11)
        assert premature("[X]  other.0001_initial") == []

    def test_an_older_release_put_back_while_a_newer_one_is_running(self) -> None:
        migrate(14)
        assert premature(f"{plan_of(14)}[X]  shop.0015_of_tomorrow") == []

    def test_a_release_that_was_skipped_is_named(self) -> None:
        migrate(10)
        found = [str(one.migration) for one in premature(plan_of(10))]
        assert found == [DROPS, "shop.0013_many_at_once"]

    def test_an_empty_database_has_no_running_release(self) -> None:
        assert premature("") == []


MIGRATION = "from django.db import migrations\nclass Migration(migrations.Migration):\n    {}\n"
CHECKED = """from django.db import migrations
from django.db.models import CheckConstraint, Q
class Migration(migrations.Migration):
    dependencies = {}
    contract = "No id is less."
    operations = [
        migrations.AddConstraint("run", CheckConstraint(condition=Q(id__gt=0), name="{}"))
    ]
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for migrations of the shop that the test writes."""
    folder = tmp_path / f"{tmp_path.name}_migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def write(folder: Path, **migrations: str) -> None:
    for name, text in migrations.items():
        (folder / f"{name}.py").write_text(text)


def use(modules: Path) -> override_settings:
    return override_settings(
        INSTALLED_APPS=["safemigrations.tests.shop"], MIGRATION_MODULES={"shop": modules.name}
    )


class TestSquashed:
    """One of the two releases may have squashed migrations."""

    @pytest.mark.parametrize("text", ["shop.a1 shop.b2 shop.d4", "shop.c3 shop.d4", "shop.e5"])
    def test_a_squashed_migration_equals_those_it_replaces(self, modules: Path, text: str) -> None:
        write(
            modules,
            a1=MIGRATION.format("pass"),
            b2=MIGRATION.format("dependencies = [('shop', 'a1')]"),
            c3=MIGRATION.format("replaces = [('shop', 'a1'), ('shop', 'b2')]"),
            d4=MIGRATION.format("dependencies = [('shop', 'b2')]"),
            e5=MIGRATION.format("replaces = [('shop', 'c3'), ('shop', 'd4')]"),
        )
        with use(modules):
            found = parse_migrations(text, MigrationLoader(None))
        assert sorted(name for _, name in found) == ["a1", "b2", "c3", "d4", "e5"]

    def test_a_part_of_the_replaced_migrations_is_not_enough(self, modules: Path) -> None:
        write(
            modules,
            a1=MIGRATION.format("pass"),
            b2=MIGRATION.format("dependencies = [('shop', 'a1')]"),
            c3=MIGRATION.format("replaces = [('shop', 'a1'), ('shop', 'b2')]"),
        )
        with use(modules):
            assert parse_migrations("shop.a1", MigrationLoader(None)) == {("shop", "a1")}


class TestDemandsOnNewRows:
    """The preparation may be a change of code, so a migration has to mark its release."""

    def lint(self, modules: Path, *marks: str) -> list[str]:
        """Return the errors if m4 depends on these migrations. A second check follows in m5."""
        import_models = "from django.db import models\n"
        table = "migrations.CreateModel('Run', [('id', models.BigAutoField(primary_key=True))])"
        index = "migrations.AddIndex('run', models.Index(fields=['id'], name='run_id'))"
        m1 = f"operations = [{table}]"
        m3 = f"dependencies = [('shop', 'm2')]\n    operations = [{index}]"
        write(
            modules,
            m1=import_models + MIGRATION.format(m1),
            m2=MIGRATION.format("dependencies = [('shop', 'm1')]"),
            m3=import_models + MIGRATION.format(m3),
            m4=CHECKED.format([("shop", mark) for mark in marks], "one"),
            m5=CHECKED.format([("shop", "m4")], "two"),
        )
        with use(modules):
            return [str(error).partition(":")[0] for error in lint_project()]

    def test_a_migration_without_changes_marks_it(self, modules: Path) -> None:
        assert self.lint(modules, "m3", "m2") == []

    def test_a_migration_that_changes_the_schema_does_not(self, modules: Path) -> None:
        first, second = self.lint(modules, "m3")
        message = "demands more of new rows, and no migration shows which releases"
        assert first.startswith(f"shop.m4 {message}")
        assert second.startswith(f"shop.m5 {message}")

    def test_removing_a_pair_from_unique_together_demands_nothing(self, modules: Path) -> None:
        table = (
            "operations = [migrations.CreateModel('Run', [('id',"
            " models.BigAutoField(primary_key=True)), ('day', models.DateField()), ('place',"
            " models.IntegerField())], options={'unique_together': {('id', 'day')}})]"
        )
        unique = (
            "contract = 'Nobody writes two.';"
            " operations = [migrations.AlterUniqueTogether('run', {})]"
        )
        u2 = "dependencies = [('shop', 'u1')]; " + unique.format("set()")
        u3 = "dependencies = [('shop', 'u2')]; " + unique.format("{('id', 'place')}")
        write(
            modules,
            u1="from django.db import models\n" + MIGRATION.format(table),
            u2=MIGRATION.format(u2),
            u3=MIGRATION.format(u3),
        )
        with use(modules):
            found = [str(one) for one in lint_project() if "demands more" in one.message]
        assert [message.partition(" ")[0] for message in found] == ["shop.u3"]
