"""The database router, in DATABASE_ROUTERS if there are replicas."""

from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import models

from core.replicas.routing import database_for_reads


class Router:
    """Send reads to the request's database and everything else to the primary.

    Relations between rows of different databases are allowed, as all hold the same rows.
    """

    def db_for_read(self, model: type[models.Model], **hints: object) -> str:
        return database_for_reads()

    def db_for_write(self, model: type[models.Model], **hints: object) -> str:
        return PRIMARY

    def allow_relation(self, *rows: models.Model, **hints: object) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        return db == PRIMARY
