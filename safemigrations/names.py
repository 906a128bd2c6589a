"""Quote names for statements of MySQL and MariaDB."""

import re


def quote_name(name: str) -> str:
    """Return the name in backticks. Backticks inside it are doubled, which Django does not do."""
    return f"`{name.replace('`', '``')}`"


def quote_grant_pattern(database: str) -> str:
    """Return a database's name for GRANT, which otherwise reads _ and % in it as wildcards."""
    return quote_name(re.sub(r"[\\_%]", r"\\\g<0>", database))
