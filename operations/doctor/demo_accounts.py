"""Check that a production database has no demo accounts, whose password is public."""

from collections.abc import Iterator

from django.db import connection

from accounts.models import User
from operations.doctor.findings import Finding

DEMO = "@demo.todomate"  # as in todomate/demo/people.py, which the image does not contain
DELETE = f"from accounts.models import User; User.objects.filter(email__endswith='{DEMO}').delete()"


def examine() -> Iterator[Finding]:
    """Yield a finding if there are demo accounts. The tables may be missing."""
    if User._meta.db_table not in connection.introspection.table_names():
        return
    if number := User.objects.filter(email__endswith=DEMO).count():
        message = f"The database has {number} accounts of the demo, whose password is public."
        hint = f'Delete them and everything they wrote: python manage.py shell -c "{DELETE}"'
        yield Finding("demo-accounts", message, hint)
