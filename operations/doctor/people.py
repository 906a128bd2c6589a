"""The demo's people, whose password everyone knows."""

from collections.abc import Iterator

from django.db import connection

from accounts.models import User
from operations.doctor.findings import Finding

DEMO = "@demo.todomate"  # as in todomate/demo/people.py, which an image has not
DELETE = f"from accounts.models import User; User.objects.filter(email__endswith='{DEMO}').delete()"


def examine() -> Iterator[Finding]:
    """Of the database, whose tables need not be there yet."""
    if User._meta.db_table not in connection.introspection.table_names():
        return
    if number := User.objects.filter(email__endswith=DEMO).count():
        message = f"Accounts of the demo are in this database ({number}), with a password that everyone knows."
        hint = f'Delete them, and what they wrote: python manage.py shell -c "{DELETE}"'
        yield Finding("demo-accounts", message, hint)
