"""Limits of time for connections that serve requests.

Migrations, backups and other commands have none of these: their statements may be long.
"""

from typing import Any

from django.db import connections

from core.mysql import limits as mysql
from core.postgres import limits as postgres

ENGINES: dict[str, Any] = {"core.mysql": mysql, "core.postgres": postgres}


def limit_all() -> None:
    """Limit all connections that this process opens from now on. Call once."""
    for entry in connections.settings.values():
        if engine := ENGINES.get(entry["ENGINE"]):
            entry["OPTIONS"] = engine.limited(entry["OPTIONS"])


def probe_in_this_thread() -> None:
    """Give this thread a connection of its own with the limits of the readiness check."""
    primary = connections["default"].copy()
    options = primary.settings_dict.get("OPTIONS", {})
    engine = ENGINES.get(primary.settings_dict["ENGINE"])
    probing = engine.PROBE_TIMEOUTS if engine else {"timeout": 1}
    primary.settings_dict["OPTIONS"] = options | probing
    connections["default"] = primary
