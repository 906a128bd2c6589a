"""A second step waits until the release of the first one serves: what the doctor says before a deploy"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings

from safemigrations import linter as rules
from safemigrations import releases as rule
from safemigrations.tests.base import database, migrate, name_of, needs_mysql, run, two_steps

__all__ = ["database"]
ROOT = Path(__file__).resolve().parent.parent.parent
mysql = pytest.mark.usefixtures("database")

# Release 2 forgets the weight in the models (0011), and release 3 takes it away (0012) and more (0013).
FORGETS, TAKES = "shop.0011_forget_weight_in_the_models", "shop.0012_take_weight_away"


def plan_of(number: int) -> str:
    """What `showmigrations --plan` says in the release whose last migration of the shop is this one."""
    before, name, _ = run("showmigrations", "--plan").partition(f"shop.{name_of(number)[1]}\n")
    return before + name


@needs_mysql
@mysql
class TestReleaseThree:
    def test_it_waits_while_release_1_serves_though_release_2_has_migrated(self) -> None:
        migrate(11)
        first, *_ = two_steps(plan_of(10))
        assert first.level == "error"
        assert first.says == (
            f"{TAKES} takes away what the release in service may still use: that one does not have {FORGETS}, on which"
            " it rests."
        )
        assert first.do == (
            f"Deploy the release that has {FORGETS} and not {TAKES} first, and this one once that one serves."
        )

    def test_once_release_2_serves_it_may_come_with_all_its_second_steps(self) -> None:
        migrate(11)
        assert two_steps(plan_of(11)) == []

    def test_names_do_for_a_plan(self) -> None:
        migrate(11)
        names = [f"shop.{name_of(number)[1]}" for number in range(1, 12)]
        assert two_steps(" ".join(names)) == []
        assert len(two_steps("\n".join(names[:-1]))) == 2

    def test_where_nothing_is_in_service_the_record_does(self) -> None:
        migrate(11)
        assert two_steps("") == two_steps("(no migrations)\n") == []
        migrate(10)
        assert [FORGETS in one.says and "has not run either" in one.says for one in two_steps("")] == [True]

    def test_an_app_that_the_release_in_service_does_not_know_is_not_used_by_it(self) -> None:
        migrate(11)
        assert two_steps("[X]  todos.0001_initial") == []

    def test_an_older_one_put_back_while_a_newer_one_serves_has_nothing_pending(self) -> None:
        migrate(14)
        assert two_steps(f"{plan_of(14)}[X]  shop.0015_of_tomorrow") == []

    def test_a_release_that_was_skipped_is_named(self) -> None:
        migrate(10)
        assert [one.says.partition(" ")[0] for one in two_steps(plan_of(10))] == [
            TAKES,
            "shop.0013_many_at_once",
        ]

    def test_the_command_takes_the_plan_as_one_argument(self) -> None:
        migrate(11)
        for plan, refused in ((plan_of(10), True), (plan_of(11), False), ("", False)):
            said = doctor("--in-service", plan)
            assert (f"error [two-steps-at-once]: {TAKES}" in said) == refused
            assert said.endswith("2 errors, 1 note.\n" if refused else "\n1 note.\n")


def doctor(*words: str) -> str:
    of = connection.settings_dict
    url = f"mysql://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
    env = {"PATH": os.environ["PATH"], "TODOMATE_ENV": "local", "DATABASE_URL": url}
    env["DJANGO_SETTINGS_MODULE"] = "safemigrations.tests.settings"
    command = [sys.executable, "manage.py", "doctor", "--before-deploy", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False).stdout


MIGRATION = "from django.db import migrations\nclass Migration(migrations.Migration):\n    {}\n"
CHECKED = """from django.db import migrations
from django.db.models import CheckConstraint, Q
class Migration(migrations.Migration):
    dependencies = {}
    contract = "No id is less."
    operations = [migrations.AddConstraint("run", CheckConstraint(condition=Q(id__gt=0), name="{}"))]
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the migrations of the app `jobs` are, of which the first is written by the test."""
    folder = tmp_path / f"{tmp_path.name}_migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def write(folder: Path, **migrations: str) -> None:
    for name, text in migrations.items():
        (folder / f"{name}.py").write_text(text)


class TestSquashed:
    """The release in service may have them squashed and the new one not, or the other way round."""

    @pytest.mark.parametrize("text", ["jobs.a1 jobs.b2 jobs.d4", "jobs.c3 jobs.d4", "jobs.e5"])
    def test_what_replaces_and_what_is_replaced_are_the_same(self, modules: Path, text: str) -> None:
        write(
            modules,
            a1=MIGRATION.format("pass"),
            b2=MIGRATION.format("dependencies = [('jobs', 'a1')]"),
            c3=MIGRATION.format("replaces = [('jobs', 'a1'), ('jobs', 'b2')]"),
            d4=MIGRATION.format("dependencies = [('jobs', 'b2')]"),
            e5=MIGRATION.format("replaces = [('jobs', 'c3'), ('jobs', 'd4')]"),
        )
        with override_settings(MIGRATION_MODULES={"jobs": modules.name}):
            named = rule.named(text, MigrationLoader(None))
        assert sorted(name for _, name in named) == ["a1", "b2", "c3", "d4", "e5"]

    def test_a_part_of_what_is_replaced_is_not_all_of_it(self, modules: Path) -> None:
        write(
            modules,
            a1=MIGRATION.format("pass"),
            b2=MIGRATION.format("dependencies = [('jobs', 'a1')]"),
            c3=MIGRATION.format("replaces = [('jobs', 'a1'), ('jobs', 'b2')]"),
        )
        with override_settings(MIGRATION_MODULES={"jobs": modules.name}):
            assert rule.named("jobs.a1", MigrationLoader(None)) == {("jobs", "a1")}


class TestWhatAsksMoreOfNewRows:
    """Its first step may be code alone, so a migration has to say from which release on that is so."""

    def said(self, modules: Path, *marks: str) -> list[str]:
        """The linter's words where these are depended on by name; the second check follows the first."""
        table = "operations = [migrations.CreateModel('Run', [('id', models.BigAutoField(primary_key=True))])]"
        indexed = "operations = [migrations.AddIndex('run', models.Index(fields=['id'], name='run_id'))]"
        write(
            modules,
            m1="from django.db import models\n" + MIGRATION.format(table),
            m2=MIGRATION.format("dependencies = [('jobs', 'm1')]"),
            m3="from django.db import models\n" + MIGRATION.format(f"dependencies = [('jobs', 'm2')]\n    {indexed}"),
            m4=CHECKED.format([("jobs", mark) for mark in marks], "one"),
            m5=CHECKED.format([("jobs", "m4")], "two"),
        )
        with override_settings(MIGRATION_MODULES={"jobs": modules.name}):
            return [fault.partition(":")[0] for fault in rules.all_faults()]

    def test_one_that_changes_nothing_says_it(self, modules: Path) -> None:
        assert self.said(modules, "m3", "m2") == []

    def test_one_that_changes_the_schema_does_not(self, modules: Path) -> None:
        first, second = self.said(modules, "m3")
        assert first.startswith("jobs.m4 asks more of new rows, and no migration tells")
        assert second.startswith("jobs.m5 asks more of new rows")

    def test_pairs_that_are_unique_no_more_ask_nothing(self, modules: Path) -> None:
        table = (
            "operations = [migrations.CreateModel('Run', [('id', models.BigAutoField(primary_key=True)),"
            " ('day', models.DateField()), ('place', models.IntegerField())],"
            " options={'unique_together': {('id', 'day')}})]"
        )
        unique = "contract = 'Nobody writes two.'; operations = [migrations.AlterUniqueTogether('run', {})]"
        write(
            modules,
            u1="from django.db import models\n" + MIGRATION.format(table),
            u2=MIGRATION.format("dependencies = [('jobs', 'u1')]; " + unique.format("set()")),
            u3=MIGRATION.format("dependencies = [('jobs', 'u2')]; " + unique.format("{('id', 'place')}")),
        )
        with override_settings(MIGRATION_MODULES={"jobs": modules.name}):
            (said,) = [fault for fault in rules.all_faults() if "asks more" in fault]
        assert said.startswith("jobs.u3 ")
