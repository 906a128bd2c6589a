"""The time that a migration waits for a table, and its message at the end."""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection
from django.test import override_settings

from safemigrations.locks import lock_name
from safemigrations.schema_editors import PatientSchemaEditor, WaitBudget, use_schema_editor
from safemigrations.tests.base import (
    CONNECTION,
    database,
    execute,
    long_transaction,
    migrate,
    migrate_and_die,
    needs_mysql,
    run,
)

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]


@override_settings(SAFE_MIGRATIONS_LONG_TASKS={"report": "the weekly report"})
@pytest.mark.parametrize("command", [["mend"], ["migrate", "shop", "0002"]])
@pytest.mark.parametrize("culprit", ["a transaction", "the weekly report"])
def test_the_error_names_what_keeps_the_table_locked(
    monkeypatch: pytest.MonkeyPatch, command: list[str], culprit: str
) -> None:
    if command == ["mend"]:
        migrate_and_die(1, 2, after=True)
    else:
        migrate(1)
    monkeypatch.setattr(WaitBudget, "DEFAULT", 0.0)
    with long_transaction() as transaction:
        if culprit == "the weekly report":
            transaction.execute("SELECT GET_LOCK(%s, 0)", [lock_name(CONNECTION, "report")])
        message = f"a table that {culprit} keeps locked.* run `python manage.py mend`"
        with pytest.raises(CommandError, match=message):
            run(*command, verbosity=0)


def test_all_statements_share_one_budget() -> None:
    migrate(1)
    budget = WaitBudget(3.5)
    with long_transaction(), use_schema_editor(connection, PatientSchemaEditor, budget=budget):
        for _ in range(2):
            with connection.schema_editor() as editor, pytest.raises(OperationalError):
                editor.execute("ALTER TABLE shop_thing ADD COLUMN more INT")
    assert -6 < budget.left <= 0


def test_the_timeout_is_only_changed_for_ddl() -> None:
    timeout = "SELECT @@SESSION.lock_wait_timeout"
    before = execute(timeout)
    with use_schema_editor(connection, PatientSchemaEditor), connection.schema_editor() as editor:
        assert execute(timeout) == before
        editor.execute("CREATE TABLE one (id INT)")
        assert execute(timeout) == before
    assert before > [(1,)]
