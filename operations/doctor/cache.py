"""Check Redis. The server works without it, so all findings are warnings."""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from operations.doctor.findings import ESCAPES, Finding

REDIS_TIMEOUT = 3  # seconds


def examine() -> Iterator[Finding]:
    """Yield a finding if REDIS_URL is set and Redis does not answer."""
    if settings.REDIS_URL and (finding := _ping()):
        yield finding


def _ping() -> Finding | None:
    parts = urlsplit(settings.REDIS_URL)
    address = f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
    try:
        redis.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=REDIS_TIMEOUT,
            socket_timeout=REDIS_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        ).ping()
    except AuthenticationError:  # a subclass of redis-py's ConnectionError, so it comes first
        message = f"Redis at {address} refuses the password of REDIS_URL."
        hint = f"Correct the password in REDIS_URL: redis://:password@host:6379/0. {ESCAPES}"
        return Finding("redis-password", message, hint, "warning")
    except (RedisConnectionError, RedisTimeoutError) as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ssl.SSLError):
            return _unencrypted(cause, address)
        hint = (
            "Start it (`./deploy.sh compose up --detach redis`), or correct the host and port in"
            " REDIS_URL."
        )
        message = f"Redis does not answer at {address}."
        return Finding("redis-unreachable", message, hint, "warning")
    except (RedisError, ValueError) as error:
        hint = "Correct REDIS_URL: redis://:password@host:6379/0."
        message = f"Redis at {address} cannot be used: {error}."
        return Finding("redis-refused", message, hint, "warning")
    return None


def _unencrypted(error: ssl.SSLError, address: str) -> Finding:
    reason = getattr(error, "verify_message", "") or error.reason or str(error)
    message = f"No encrypted connection to Redis at {address}: {reason}."
    hint = (
        "Use the host name in its certificate in REDIS_URL, and a certificate of a known"
        " authority; or use redis://."
    )
    return Finding("redis-tls", message, hint, "warning")
