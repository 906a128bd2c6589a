"""How long a migration waits for a table, and what it says in the end"""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from safemigrations.locks import lock_name
from safemigrations.schema_editors import Patience, PatientSchemaEditor, editing
from safemigrations.tests.base import OURS, ask, database, migrate, migrate_and_die, needs_mysql, run
from safemigrations.tests.test_kill import a_long_report

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]


@pytest.mark.parametrize("command", [["mend"], ["migrate", "shop", "0002"]])
@pytest.mark.parametrize("who", ["a transaction", "the nightly backup"])
def test_who_waits_in_vain_says_for_whom(monkeypatch: pytest.MonkeyPatch, command: list[str], who: str) -> None:
    if command == ["mend"]:
        migrate_and_die(1, 2, after=True)
    else:
        migrate(1)
    monkeypatch.setattr(Patience, "MOST", 0.0)
    with a_long_report() as report:
        if who == "the nightly backup":
            report.execute("SELECT GET_LOCK(%s, 0)", [lock_name(OURS, "backup")])
        with pytest.raises(CommandError, match=f"gave up: {who}.* run `python manage.py mend`"):
            run(*command, verbosity=0)


def test_it_lasts_for_all_statements_together() -> None:
    migrate(1)
    patience = Patience(3.5)
    with a_long_report(), editing(connection, PatientSchemaEditor, patience=patience):
        for _ in range(2):
            with connection.schema_editor() as editor, pytest.raises(OperationalError):
                editor.execute("ALTER TABLE shop_thing ADD COLUMN more INT")
    assert -6 < patience.left <= 0


def test_what_is_no_ddl_waits_as_ever() -> None:
    question = "SELECT @@SESSION.lock_wait_timeout"
    before = ask(question)
    with editing(connection, PatientSchemaEditor), connection.schema_editor() as editor:
        assert ask(question) == before
        editor.execute("CREATE TABLE one (id INT)")
        assert ask(question) == before
    assert before > [(1,)]
