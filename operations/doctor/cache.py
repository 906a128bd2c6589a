"""Redis. Nothing is lost without it, hence warnings."""

import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ConnectionError, RedisError, TimeoutError  # noqa: A004  # theirs
from redis.retry import Retry

from operations.doctor.findings import ESCAPES, Finding

REDIS_TIMEOUT = 3  # seconds


def examine() -> Iterator[Finding]:
    """Where REDIS_URL is set."""
    if settings.REDIS_URL and (finding := ping()):
        yield finding


def ping() -> Finding | None:
    parts = urlsplit(settings.REDIS_URL)
    where = f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
    options = {
        "socket_connect_timeout": REDIS_TIMEOUT,
        "socket_timeout": REDIS_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
    }
    try:
        redis.Redis.from_url(settings.REDIS_URL, **options).ping()
    except AuthenticationError:  # one of the connection's errors to redis-py, so it comes first
        hint = f"Correct the password in REDIS_URL: redis://:password@host:6379/0. {ESCAPES}"
        return Finding(
            "redis-password",
            f"Redis at {where} refuses the password of REDIS_URL.",
            hint,
            "warning",
        )
    except (ConnectionError, TimeoutError) as error:
        if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
            return unencrypted(error.__cause__ or error.__context__, where)
        hint = "Start it (`./deploy.sh compose up --detach redis`), or correct the host and port in REDIS_URL."
        return Finding("redis-unreachable", f"Redis does not answer at {where}.", hint, "warning")
    except (RedisError, ValueError) as error:
        hint = "Correct REDIS_URL: redis://:password@host:6379/0."
        return Finding(
            "redis-refused", f"Redis at {where} cannot be used: {error}.", hint, "warning"
        )
    return None


def unencrypted(error: Any, where: str) -> Finding:
    why = getattr(error, "verify_message", "") or error.reason or str(error)
    hint = "Write the name that its certificate bears into REDIS_URL, and let a known authority sign it; or use redis://."
    return Finding(
        "redis-tls", f"No encrypted connection to Redis at {where}: {why}.", hint, "warning"
    )
