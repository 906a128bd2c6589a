"""The log of gunicorn itself, in the form of the server's (docs/logs.md)."""

import re
from typing import Any

from gunicorn.glogging import Logger as GunicornLogger  # type: ignore[import-untyped]  # no types

from core.logs import LogFormatter

# Requests that gunicorn quotes, up to what people search for.
QUERY = re.compile(r"\?[^\s'\"]*")


class Logger(GunicornLogger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's logger with our formatter, and without the queries of requests."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(LogFormatter())

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        super().warning(QUERY.sub("?…", msg), *args, **kwargs)

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        without = [QUERY.sub("?…", arg) if isinstance(arg, str) else arg for arg in args]
        super().exception(msg, *without, **kwargs)
