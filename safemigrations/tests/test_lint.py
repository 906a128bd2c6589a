"""What the linter says of a migration that the release before could not run on"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState
from django.test import override_settings

from safemigrations import linter as rules
from safemigrations.operations import Drop

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRACT = "contract"
FIELDS = {
    "id": models.BigAutoField(primary_key=True),
    "title": models.CharField(max_length=20),
    "memo": models.CharField(max_length=20, null=True),
    "rank": models.IntegerField(db_default=0),
    "next": models.ForeignKey("shop.item", models.CASCADE, null=True),
    "first": models.ForeignKey("shop.item", models.CASCADE),
    "cost": models.DecimalField(max_digits=6, decimal_places=2, null=True),
    "page": models.TextField(null=True),
}


def faults(*operations: Any, **attributes: Any) -> str:
    """What is wrong with a migration of these operations, over a table `item` with FIELDS."""
    state = ProjectState()
    state.add_model(ModelState("shop", "Item", [(name, field.clone()) for name, field in FIELDS.items()]))
    migration = type("Migration", (migrations.Migration,), {"operations": list(operations), **attributes})
    return " ".join(rules.faults(migration("0002_next", "shop"), state))


def forget(operation: Any) -> Any:
    return migrations.SeparateDatabaseAndState(state_operations=[operation])


def add(**options: Any) -> Any:
    return migrations.AddField("item", "new", models.IntegerField(**options))


def alter(name: str, field: Any) -> Any:
    return migrations.AlterField("item", name, field)


def index(*fields: str) -> Any:
    return migrations.AddIndex("item", models.Index(fields=fields, name=f"item_{'_'.join(fields)}"))


def computed(*, db_persist: bool) -> Any:
    field = models.GeneratedField(
        expression=models.F("rank") + 1, output_field=models.IntegerField(), db_persist=db_persist
    )
    return migrations.AddField("item", "new", field)


def check() -> Any:
    return migrations.AddConstraint("item", models.CheckConstraint(condition=models.Q(rank__gte=0), name="item_rank"))


WELL = {
    "a table": migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
    "a field that may be null": add(null=True),
    "a field with a default of the database's": add(db_default=3),
    "a relation to many": migrations.AddField("item", "new", models.ManyToManyField("shop.item")),
    "a relation without its constraint": migrations.AddField(
        "item", "new", models.ForeignKey("shop.item", models.CASCADE, null=True, db_constraint=False)
    ),
    "a computed column": computed(db_persist=False),
    "a unique field that may be null": add(null=True, unique=True),
    "an index": index("title"),
    "an index less": migrations.RemoveIndex("item", "item_title"),
    "a constraint less": migrations.RemoveConstraint("item", "item_rank"),
    "a longer text": alter("title", models.CharField(max_length=63)),
    "a longer text under another name": alter("title", models.EmailField(max_length=30)),
    "a field that may be null now": alter("title", models.CharField(max_length=20, null=True)),
    "what only the models know": alter("title", models.CharField("name", max_length=20, blank=True)),
    "options": migrations.AlterModelOptions("item", {"verbose_name": "thing"}),
    "a field forgotten that may be null": forget(migrations.RemoveField("item", "memo")),
    "a field forgotten that has a default": forget(migrations.RemoveField("item", "rank")),
}
NARROWS = {
    "a field": migrations.RemoveField("item", "memo"),
    "a model": migrations.DeleteModel("item"),
    "a forgotten field": Drop(was=add(null=True)),
    "a field's name": migrations.RenameField("item", "memo", "note"),
    "a model's name": migrations.RenameModel("Item", "Thing"),
    "a table's name": migrations.AlterModelTable("item", "things"),
    "a shorter text": alter("title", models.CharField(max_length=10)),
    "another type": alter("rank", models.CharField(max_length=20)),
    "another type of the same name in SQLite": alter("page", models.JSONField(null=True)),
    "a text that needs a second byte for its length": alter("title", models.CharField(max_length=64)),
    "another collation": alter("title", models.CharField(max_length=20, db_collation="utf8mb4_bin")),
    "fewer digits": alter("cost", models.DecimalField(max_digits=5, decimal_places=2, null=True)),
    "fewer decimal places": alter("cost", models.DecimalField(max_digits=6, decimal_places=1, null=True)),
    "a foreign key that may be null now": alter("first", models.ForeignKey("shop.item", models.CASCADE, null=True)),
    "no null any more": alter("memo", models.CharField(max_length=20)),
    "no default any more": alter("rank", models.IntegerField()),
    "unique now": alter("memo", models.CharField(max_length=20, null=True, unique=True)),
    "another column": alter("memo", models.CharField(max_length=20, null=True, db_column="note")),
    "a check": check(),
    "a unique constraint": migrations.AddConstraint(
        "item", models.UniqueConstraint(fields=["title"], name="item_title")
    ),
    "unique together": migrations.AlterUniqueTogether("item", {("title", "memo")}),
}


@pytest.mark.parametrize("what", WELL)
def test_what_the_release_before_runs_on(what: str) -> None:
    assert faults(WELL[what]) == ""


@pytest.mark.parametrize("what", NARROWS)
def test_what_takes_away_or_narrows_says_why_the_release_before_runs_on_it(what: str) -> None:
    assert "takes away or narrows" in faults(NARROWS[what])
    assert faults(NARROWS[what], contract="No row has it.") == ""


def test_a_field_that_the_release_before_does_not_fill_in() -> None:
    said = "adds item.new, which the release before does not fill in: null=True or a db_default."
    assert faults(add()) == faults(add(default=3)) == said
    assert faults(add(default=3), contract="No reason helps.") == said


def test_a_field_for_which_the_table_is_copied_says_why_nobody_has_to_wait() -> None:
    key = migrations.AddField("item", "new", models.ForeignKey("shop.item", models.CASCADE, null=True))
    for op, says in (
        (key, "db_constraint=False, and the constraint in a later release"),
        (computed(db_persist=True), "db_persist=False"),
    ):
        assert "MySQL copies the table" in faults(op)
        assert says in faults(op)
        assert faults(op, contract="The table is small.") == ""


def test_a_unique_field_that_is_the_same_in_all_rows() -> None:
    assert "which is unique and the same in all rows" in faults(
        add(db_default=3, unique=True), contract="Nothing helps."
    )


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE x ADD y INT",
        "UPDATE x SET y = 1; drop table x",
        "-- quick\n/* and easy */ CREATE INDEX i ON x (y)",
        ["UPDATE x SET y = 1", ("TRUNCATE x", None)],
        "RENAME TABLE x TO z",
    ],
)
def test_a_schema_is_not_changed_by_sql(sql: Any) -> None:
    said = faults(migrations.RunSQL(sql), repeatable="It is.", contract="Nothing helps.")
    assert "changes the schema by RunSQL" in said


def test_sql_that_only_speaks_of_such_a_thing() -> None:
    assert faults(migrations.RunSQL("UPDATE x SET y = '; DROP TABLE x'"), repeatable="It is.") == ""


def test_one_schema_operation_each() -> None:
    assert "has 2 schema operations" in faults(index("title"), index("memo"))
    together = migrations.SeparateDatabaseAndState(database_operations=[index("title"), index("memo")])
    assert "has 2 schema operations" in faults(together)
    assert faults(index("title"), migrations.AlterModelOptions("item", {}), forget(add())) == ""


@pytest.mark.parametrize("rows", [migrations.RunPython(lambda *_: None), migrations.RunSQL("UPDATE x SET y = 1")])
def test_what_changes_rows_stands_alone_and_may_run_twice(rows: Any) -> None:
    assert "does not say why it may run twice" in faults(rows)
    assert faults(rows, repeatable="It sets what is null.") == ""
    assert "changes rows beside the schema" in faults(index("title"), rows, repeatable="It sets what is null.")


def test_a_forgotten_field_that_new_rows_lack() -> None:
    assert "forgets item.title, which new rows then lack" in faults(forget(migrations.RemoveField("item", "title")))


@pytest.mark.parametrize("op", [migrations.RemoveField("item", "next"), migrations.DeleteModel("item")])
def test_a_forgotten_foreign_key_stops_deletions(op: Any) -> None:
    assert "forgets the foreign key next" in faults(forget(op))


SQUASHED = """from django.db import migrations
class Migration(migrations.Migration):
    {}
    operations = [migrations.RunSQL("{}")]
"""


def test_migrations_that_another_one_replaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "squashed_migrations"
    folder.mkdir()
    for name, head, sql in (
        ("__init__", "", ""),
        ("0001_initial", "initial = True", ""),
        ("0002_next", 'dependencies = [("jobs", "0001_initial")]', "DROP TABLE a"),
        ("0001_both", 'replaces = [("jobs", "0001_initial"), ("jobs", "0002_next")]', ""),
        ("0003_last", 'dependencies = [("jobs", "0001_both")]', "DROP TABLE b"),
    ):
        (folder / f"{name}.py").write_text(SQUASHED.format(head, sql))
    monkeypatch.syspath_prepend(tmp_path)
    with override_settings(MIGRATION_MODULES={"jobs": "squashed_migrations"}):
        assert {said.split()[0] for said in rules.all_faults()} == {"jobs.0003_last"}


def test_the_migrations_of_this_project_keep_to_the_rules() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/lint_migrations.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Every migration keeps to the rules.\n", "")
