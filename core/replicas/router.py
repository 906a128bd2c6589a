"""Django's hook, named in DATABASE_ROUTERS where there are replicas."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS as PRIMARY

from core.replicas.routing import current


class Router:
    """Reads go where the request says, everything else to the primary; all of them hold the same rows."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return current()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return PRIMARY

    def allow_relation(self, *rows: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == PRIMARY
