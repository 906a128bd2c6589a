"""Names as they stand in statements of MySQL and MariaDB."""

import re


def quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def pattern(name: str) -> str:
    """The name of a database as GRANT wants it, where _ and % stand for any character."""
    return quoted(re.sub(r"[\\_%]", r"\\\g<0>", name))
