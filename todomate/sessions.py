"""Sessions of the admin: stored in the database and cached in Redis, which may fail at any time."""

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

# Seconds for which a session is cached. A session that ends while Redis cannot be reached stays
# valid in the cache for this long.
MAX_TIMEOUT = 300
# Seconds for which Redis is not used after it failed, so that not every request waits for it.
RETRY_AFTER = 5


class Json:
    """Serialize cached values as JSON instead of pickles: reading them cannot run code."""

    def dumps(self, value: object) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class FailSafeCache(BaseCache):
    """A wrapper of a cache that acts as an empty cache while the cache cannot be reached."""

    suspended_until = 0.0  # in seconds of monotonic(), for all threads

    def __init__(self, cache: BaseCache) -> None:
        super().__init__({})
        self.cache = cache

    def call(self, method: str, *args: object) -> Any:
        """Return the result of a method of the cache, or None if it fails, which is logged."""
        if monotonic() < FailSafeCache.suspended_until:
            return None
        try:
            return getattr(self.cache, method)(*args)
        except (RedisError, OSError, ValueError) as error:
            FailSafeCache.suspended_until = monotonic() + RETRY_AFTER
            logger.warning("Redis is not used for sessions for %s s: %r", RETRY_AFTER, error)
            return None

    def get(self, key: str, default: object = None, version: int | None = None) -> Any:
        return self.call("get", key)

    def set(
        self,
        key: str,
        value: object,
        timeout: float | None = MAX_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self.call("set", key, value, MAX_TIMEOUT if timeout is None else min(timeout, MAX_TIMEOUT))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self.call("delete", key))

    def has_key(self, key: str, version: int | None = None) -> bool:
        return bool(self.call("has_key", key))


class SessionStore(cached_db.SessionStore):
    """The session engine if there is a REDIS_URL."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._cache = FailSafeCache(caches[settings.SESSION_CACHE_ALIAS])
