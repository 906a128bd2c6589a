"""manage.py, ended by SIGKILL at one of the statements that change the schema: `killed NUMBER before|after COMMAND …`.

Statements are counted from 0. Or `killed NUMBER during …`: once the server has begun with it, and waits for a table.
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


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def end_when_it_waits(id_: int) -> None:
    """Look from another connection until the server says that this one waits for a table."""
    look = connections["default"].copy()
    while True:
        # The server cannot show the list while somebody's statement in it holds bytes that are no text.
        with suppress(DatabaseError), look.cursor() as cursor:
            cursor.execute("SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = %s", [id_])
            if "metadata lock" in cursor.fetchone()[0].lower():
                end()
        time.sleep(0.01)


def arm(number: int, when: str) -> None:
    execute: Any = BaseDatabaseSchemaEditor.execute
    count = 0

    def counting(editor: Any, sql: Any, params: Any = ()) -> None:
        nonlocal count
        counts = not editor.collect_sql and str(sql).startswith(DDL) and "django_migrations" not in str(sql)
        now, count = counts and count == number, count + counts
        if now and when == "before":
            end()
        if now and when == "during":
            id_ = editor.connection.connection.thread_id()
            threading.Thread(target=end_when_it_waits, args=[id_], daemon=True).start()
        execute(editor, sql, params)
        if now:
            end()

    BaseDatabaseSchemaEditor.execute = counting  # type: ignore[method-assign, assignment]  # that is the point


if __name__ == "__main__":
    arm(int(sys.argv[1]), sys.argv[2])
    execute_from_command_line(["manage.py", *sys.argv[3:]])
