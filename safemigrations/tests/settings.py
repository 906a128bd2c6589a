"""A Django project of its own: some of Django's apps, safemigrations and the app `shop`."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit


def database(url: str) -> dict[str, Any]:
    """Return the entry of DATABASES for a URL: mysql://, postgres:// or sqlite:///path."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = parts.path.removeprefix("/")
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path or ":memory:"}
    is_postgres = parts.scheme.startswith("postgres")
    return {
        "ENGINE": f"django.db.backends.{'postgresql' if is_postgres else 'mysql'}",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


SECRET_KEY = "only-for-tests"
DATABASES = {"default": database(os.environ.get("DATABASE_URL", "sqlite:///"))}
INSTALLED_APPS = [
    "safemigrations",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.redirects",  # its migrations depend on those of sites
    "safemigrations.tests.shop",
]
USE_TZ = True
