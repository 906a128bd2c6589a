"""The linter's errors for migrations that the previous release could not run on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState
from django.test import override_settings

from safemigrations.conf import project_app_labels
from safemigrations.linter import lint_migration, lint_project
from safemigrations.operations import Drop

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


def errors(*operations: Any, **attributes: Any) -> str:
    """Return the errors of a migration of these operations on a table `item` with FIELDS."""
    state = ProjectState()
    state.add_model(
        ModelState("shop", "Item", [(name, field.clone()) for name, field in FIELDS.items()])
    )
    migration = type(
        "Migration", (migrations.Migration,), {"operations": list(operations), **attributes}
    )
    found = lint_migration(migration("0002_next", "shop"), state)
    return " ".join(error.message for error in found)


def remove_from_models(operation: Any) -> Any:
    return migrations.SeparateDatabaseAndState(state_operations=[operation])


def add(**options: Any) -> Any:
    return migrations.AddField("item", "new", models.IntegerField(**options))


def alter(name: str, field: Any) -> Any:
    return migrations.AlterField("item", name, field)


def index(*fields: str) -> Any:
    return migrations.AddIndex("item", models.Index(fields=fields, name=f"item_{'_'.join(fields)}"))


def generated(*, db_persist: bool) -> Any:
    field = models.GeneratedField(
        expression=models.F("rank") + 1, output_field=models.IntegerField(), db_persist=db_persist
    )
    return migrations.AddField("item", "new", field)


def check() -> Any:
    return migrations.AddConstraint(
        "item", models.CheckConstraint(condition=models.Q(rank__gte=0), name="item_rank")
    )


SAFE = {
    "a table": migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
    "a field that may be null": add(null=True),
    "a field with a database default": add(db_default=3),
    "a many-to-many field": migrations.AddField("item", "new", models.ManyToManyField("shop.item")),
    "a foreign key without a constraint": migrations.AddField(
        "item",
        "new",
        models.ForeignKey("shop.item", models.CASCADE, null=True, db_constraint=False),
    ),
    "a virtual generated column": generated(db_persist=False),
    "a unique field that may be null": add(null=True, unique=True),
    "an index": index("title"),
    "an index removed": migrations.RemoveIndex("item", "item_title"),
    "a constraint removed": migrations.RemoveConstraint("item", "item_rank"),
    "a longer text": alter("title", models.CharField(max_length=63)),
    "a longer text of another field class": alter("title", models.EmailField(max_length=30)),
    "a field that becomes nullable": alter("title", models.CharField(max_length=20, null=True)),
    "attributes that only the models use": alter(
        "title", models.CharField("name", max_length=20, blank=True)
    ),
    "options": migrations.AlterModelOptions("item", {"verbose_name": "thing"}),
    "a nullable field removed from the models only": remove_from_models(
        migrations.RemoveField("item", "memo")
    ),
    "a field with a default removed from the models only": remove_from_models(
        migrations.RemoveField("item", "rank")
    ),
}
NARROWING = {
    "a field": migrations.RemoveField("item", "memo"),
    "a model": migrations.DeleteModel("item"),
    "a field dropped after the models lost it": Drop(add(null=True)),
    "a field's name": migrations.RenameField("item", "memo", "note"),
    "a model's name": migrations.RenameModel("Item", "Thing"),
    "a table's name": migrations.AlterModelTable("item", "things"),
    "a shorter text": alter("title", models.CharField(max_length=10)),
    "another type": alter("rank", models.CharField(max_length=20)),
    "another type of the same name in SQLite": alter("page", models.JSONField(null=True)),
    "a text that needs a second byte for its length": alter(
        "title", models.CharField(max_length=64)
    ),
    "another collation": alter(
        "title", models.CharField(max_length=20, db_collation="utf8mb4_bin")
    ),
    "fewer digits": alter("cost", models.DecimalField(max_digits=5, decimal_places=2, null=True)),
    "fewer decimal places": alter(
        "cost", models.DecimalField(max_digits=6, decimal_places=1, null=True)
    ),
    "a foreign key that becomes nullable": alter(
        "first", models.ForeignKey("shop.item", models.CASCADE, null=True)
    ),
    "NOT NULL": alter("memo", models.CharField(max_length=20)),
    "no default": alter("rank", models.IntegerField()),
    "unique": alter("memo", models.CharField(max_length=20, null=True, unique=True)),
    "another column": alter("memo", models.CharField(max_length=20, null=True, db_column="note")),
    "a check": check(),
    "a unique constraint": migrations.AddConstraint(
        "item", models.UniqueConstraint(fields=["title"], name="item_title")
    ),
    "unique together": migrations.AlterUniqueTogether("item", {("title", "memo")}),
}


@pytest.mark.parametrize("change", SAFE)
def test_changes_the_previous_release_can_run_on(change: str) -> None:
    assert errors(SAFE[change]) == ""


@pytest.mark.parametrize("change", NARROWING)
def test_changes_that_remove_or_narrow_need_a_reason(change: str) -> None:
    assert "removes or narrows something" in errors(NARROWING[change])
    assert errors(NARROWING[change], contract="No row has it.") == ""


def test_a_new_field_that_the_previous_release_does_not_set() -> None:
    message = (
        "adds item.new, which the previous release does not set: use null=True or a db_default."
    )
    assert errors(add()) == errors(add(default=3)) == message
    assert errors(add(default=3), contract="No reason helps.") == message


def test_a_new_field_for_which_the_table_is_copied_needs_a_reason() -> None:
    key = migrations.AddField(
        "item", "new", models.ForeignKey("shop.item", models.CASCADE, null=True)
    )
    for operation, advice in (
        (key, "db_constraint=False, and add the constraint in a later release"),
        (generated(db_persist=True), "db_persist=False"),
    ):
        assert "MySQL copies the table" in errors(operation)
        assert advice in errors(operation)
        assert errors(operation, contract="The table is small.") == ""


def test_a_new_unique_field_that_is_equal_in_all_rows() -> None:
    assert "which is unique but equal in all existing rows" in errors(
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
def test_sql_that_changes_the_schema(sql: Any) -> None:
    found = errors(migrations.RunSQL(sql), repeatable="It is.", contract="Nothing helps.")
    assert "changes the schema with RunSQL" in found


def test_sql_that_only_mentions_such_a_change() -> None:
    assert errors(migrations.RunSQL("UPDATE x SET y = '; DROP TABLE x'"), repeatable="It is.") == ""


def test_one_schema_operation_per_migration() -> None:
    assert "has 2 schema operations" in errors(index("title"), index("memo"))
    together = migrations.SeparateDatabaseAndState(
        database_operations=[index("title"), index("memo")]
    )
    assert "has 2 schema operations" in errors(together)
    options = migrations.AlterModelOptions("item", {})
    assert errors(index("title"), options, remove_from_models(add())) == ""


@pytest.mark.parametrize(
    "rows", [migrations.RunPython(lambda *_: None), migrations.RunSQL("UPDATE x SET y = 1")]
)
def test_changes_of_rows_are_separate_and_repeatable(rows: Any) -> None:
    assert "explain why it may run twice" in errors(rows)
    assert errors(rows, repeatable="It sets what is null.") == ""
    assert "changes rows and the schema" in errors(
        index("title"), rows, repeatable="It sets what is null."
    )


def test_a_required_field_removed_from_the_models_only() -> None:
    assert "removes item.title from the models, but new rows need" in errors(
        remove_from_models(migrations.RemoveField("item", "title"))
    )


@pytest.mark.parametrize(
    "operation", [migrations.RemoveField("item", "next"), migrations.DeleteModel("item")]
)
def test_a_foreign_key_removed_from_the_models_only(operation: Any) -> None:
    assert "removes the foreign key next from the models" in errors(remove_from_models(operation))


SQUASHED = """from django.db import migrations
class Migration(migrations.Migration):
    {}
    operations = [migrations.RunSQL("{}")]
"""


def test_migrations_replaced_by_a_squashed_one_are_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "squashed_migrations"
    folder.mkdir()
    replaces = 'replaces = [("shop", "0001_initial"), ("shop", "0002_next")]'
    for name, head, sql in (
        ("__init__", "", ""),
        ("0001_initial", "initial = True", ""),
        ("0002_next", 'dependencies = [("shop", "0001_initial")]', "DROP TABLE a"),
        ("0001_both", replaces, ""),
        ("0003_last", 'dependencies = [("shop", "0001_both")]', "DROP TABLE b"),
    ):
        (folder / f"{name}.py").write_text(SQUASHED.format(head, sql))
    monkeypatch.syspath_prepend(tmp_path)
    with override_settings(
        INSTALLED_APPS=["safemigrations.tests.shop"],
        MIGRATION_MODULES={"shop": "squashed_migrations"},
    ):
        assert {str(error.migration) for error in lint_project()} == {"shop.0003_last"}


class TestApps:
    """The apps whose migrations are checked."""

    apps = ["django.contrib.contenttypes", "safemigrations.tests.shop"]

    def test_apps_of_installed_packages_are_not_by_default(self) -> None:
        with override_settings(INSTALLED_APPS=self.apps):
            assert project_app_labels() == {"shop"}

    def test_a_setting_names_them(self) -> None:
        with override_settings(INSTALLED_APPS=self.apps, SAFE_MIGRATIONS_APPS=["contenttypes"]):
            assert project_app_labels() == {"contenttypes"}
            assert {error.migration.app_label for error in lint_project()} == {"contenttypes"}
