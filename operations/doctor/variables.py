"""Check the names of variables: a misspelt one is ignored, and its default used in silence."""

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from operations.doctor.findings import Finding

# Those of .env.example (a test compares the two), each also as NAME_FILE.
KNOWN = (
    "TODOMATE_ENV",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "JWT_SIGNING_KEY",
    "JWT_VERIFYING_KEYS",
    "JWT_AUDIENCE",
    "SESSION_NETWORKS",
    "DOMAIN",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "CORS_ALLOWED_ORIGINS",
    "WELL_KNOWN_DIR",
    "CHANGE_PASSWORD_URL",
    "DEBUG",
    "DATA_FOLDER",
    "ONE_CONTAINER",
    "DATABASE_URL",
    "MYSQL_CA",
    "POSTGRES_CA",
    "DATABASE_REPLICA_URLS",
    "DATABASE_REPLICA_MAX_LAG",
    "CONN_MAX_AGE",
    "REDIS_URL",
    "PHOTO_URL",
    "PHOTO_ACCEL",
    "PHOTO_LIMITS",
    "ANONYMOUS_READING",
    "BACKUP_URL",
    "BACKUP_KEEP_DAYS",
    "NIGHTLY_HOUR",
    "TRUSTED_PROXIES",
    "HSTS_SECONDS",
    "QUOTAS",
    "RATE_LIMITS",
    "ROW_LIMITS",
    "TOMBSTONE_DAYS",
    "MAIL_URL",
    "MAIL_FROM",
    "EMAIL_CONFIRM_URL",
    "EMAIL_VERIFICATION",
    "OPERATORS_NEED_SECOND_FACTOR",
    "PASSWORD_RESET_URL",
    "SIGN_UP",
    "SIGN_UP_CONFIRM_URL",
    "INVITATION_URL",
    "LOG_LEVEL",
    "BIND",
    "SHARED_STATIC",
    "TAKE_CHARGE_WHEN_READY",
    "WEB_CONCURRENCY",
    "WEB_THREADS",
)
# Of the Compose files, of Compose itself and of the image.
OTHERS = {
    "AWS_REGION",
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "DJANGO_SETTINGS_MODULE",
    "HTTP_PORT",
    "HTTPS_PORT",
    "MYSQL_BUFFER_POOL",
    "TODOMATE_IMAGE",
}
PREFIXES = ("DJANGO_", "TODOMATE_", "APP_")
SIMILARITY = 0.8  # of difflib: DOMIAN and DOMAIN, TRUSTED_PROXY and TRUSTED_PROXIES


def examine(dotenv: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each variable whose name is nearly that of a setting.

    `dotenv` are the names in .env: Compose passes only those that it knows to a container.
    """
    known = {*KNOWN, *(f"{name}_FILE" for name in KNOWN)}
    for name in sorted({*os.environ, *dotenv} - known - OTHERS):
        if meant := _meant(name, known):
            yield Finding(
                "variable-misspelt",
                f"{name} is no variable of this server, so it has no effect.",
                f"If {meant} is meant, rename it; else ignore this.",
                "warning",
            )


def _meant(name: str, known: set[str]) -> str:
    """Return the known name that is nearest to `name`, or an empty string if none is near."""
    upper = name.upper().replace("-", "_")
    forms = [upper, *(upper.removeprefix(prefix) for prefix in PREFIXES)]
    if exact := next((form for form in forms if form in known), ""):
        return exact
    near = get_close_matches(upper, known, 1, SIMILARITY)
    return near[0] if near else ""
