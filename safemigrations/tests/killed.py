"""Run manage.py and kill the process at one of the statements that change the schema.

    python -m safemigrations.tests.killed NUMBER before|during|after COMMAND …

Statements are counted from 0. "during" kills it while the statement waits for its table.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from django.core.management import execute_from_command_line
from django.db import DatabaseError, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DDL = "ALTER", "CREATE", "DROP", "RENAME"


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_when_waiting(connection_id: int) -> None:
    """Ask on another connection until the server says that this one waits for a table."""
    other = connections["default"].copy()
    state = "SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = %s"
    while True:
        # The server cannot show the list while a statement in it contains bytes that are not text.
        with suppress(DatabaseError), other.cursor() as cursor:
            cursor.execute(state, [connection_id])
            if "metadata lock" in cursor.fetchone()[0].lower():
                kill()
        time.sleep(0.01)


def arm(number: int, when: str) -> None:
    """Make the schema editors kill this process at the statement."""
    execute: Any = BaseDatabaseSchemaEditor.execute
    count = 0

    def execute_or_die(editor: Any, sql: Any, params: Any = ()) -> None:
        nonlocal count
        text = str(sql)
        is_counted = (
            not editor.collect_sql and text.startswith(DDL) and "django_migrations" not in text
        )
        is_last = is_counted and count == number
        count += is_counted
        if is_last and when == "before":
            kill()
        if is_last and when == "during":
            connection_id = editor.connection.connection.thread_id()
            threading.Thread(target=kill_when_waiting, args=[connection_id], daemon=True).start()
        execute(editor, sql, params)
        if is_last:
            kill()

    # The patched method is the purpose of this module.
    BaseDatabaseSchemaEditor.execute = execute_or_die  # type: ignore[method-assign, assignment]  # as above


if __name__ == "__main__":
    arm(int(sys.argv[1]), sys.argv[2])
    execute_from_command_line(["manage.py", *sys.argv[3:]])
