"""A project that has nothing but a library: authors, books, and readers who own them."""

import os
from typing import Any
from urllib.parse import unquote, urlsplit

_url = urlsplit(os.environ.get("DATABASE_URL", "sqlite://"))
_database: dict[str, Any] = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
if _url.scheme == "mysql":
    _database = {
        "ENGINE": "django.db.backends.mysql",
        "NAME": "fastlists",
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": _url.hostname or "",
        "PORT": _url.port or 3306,
        "OPTIONS": {"charset": "utf8mb4"},
        # A name for each run, so that two on one server do not meet.
        "TEST": {"NAME": f"test_fastlists_{os.getpid()}", "CHARSET": "utf8mb4"},
    }
elif _url.scheme.startswith("postgres"):
    _database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "fastlists",
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": _url.hostname or "",
        "PORT": _url.port or 5432,
        "TEST": {"NAME": f"test_fastlists_{os.getpid()}"},
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["fastlists.tests"]
ROOT_URLCONF = "fastlists.tests.urls"
SECRET_KEY = "only for tests"
USE_TZ = True
TIME_ZONE = "UTC"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["fastlists.tests.authentication.ReaderAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
}
FAST_LISTS = True
CHECK_COMPILED_QUERIES = True
