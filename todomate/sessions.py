"""The admin's sessions: rows of the database, kept in Redis too for a while. Nothing fails when Redis is gone."""

import json
import logging
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import cached_db
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds for which a session is kept there: one that was signed out of while Redis was out of reach lives on in it.
KEPT = 300
# Seconds for which Redis is left alone after it has failed, so that not every request waits for it.
RETRY_AFTER = 5


class Json:
    """What is in Redis, as text: to read it runs nothing, whoever may have written it."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class Forgiving(BaseCache):
    """A cache that has nothing and keeps nothing while it cannot be reached."""

    left_alone_until = 0.0

    def __init__(self, cache: Any) -> None:
        super().__init__({})
        self.cache = cache

    def ask(self, verb: str, *arguments: Any) -> Any:
        """What the cache answers; None when it cannot, which is logged once each time it is tried."""
        if monotonic() < Forgiving.left_alone_until:
            return None
        try:
            return getattr(self.cache, verb)(*arguments)
        except (RedisError, OSError, ValueError) as error:
            Forgiving.left_alone_until = monotonic() + RETRY_AFTER
            logger.warning("sessions come from the database alone for %s s: %r", RETRY_AFTER, error)
            return None

    def get(self, key: str, default: Any = None, version: Any = None) -> Any:
        return self.ask("get", key)

    def set(self, key: str, value: Any, timeout: Any = KEPT, version: Any = None) -> None:
        self.ask("set", key, value, min(timeout, KEPT))

    def delete(self, key: str, version: Any = None) -> bool:
        return bool(self.ask("delete", key))

    def has_key(self, key: str, version: Any = None) -> bool:
        return bool(self.ask("has_key", key))


class SessionStore(cached_db.SessionStore):
    """Used where there is a REDIS_URL."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._cache = Forgiving(caches[settings.SESSION_CACHE_ALIAS])
