"""The environment of every process of a run: production settings and nothing inherited."""

import os
import secrets
from urllib.parse import urlsplit

import django

NAME = "todomate_bench"  # of the database, unless the URL names one
# Variables that programs need to be found and run.
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH")


def production(url: str) -> dict[str, str]:
    """Return all environment variables for the database at `url`."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "TODOMATE_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": url,
        "LOG_LEVEL": "WARNING",
        "RATE_LIMITS": "false",  # a few people send all requests
    }


def set_up(url: str) -> dict[str, str]:
    """Set up Django in this process with the project's settings and return the environment.

    Modules that import models can be imported only afterwards.
    """
    if not urlsplit(url).path.strip("/"):
        url = urlsplit(url)._replace(path=f"/{NAME}").geturl()
    env = production(url)
    os.environ.update(env, DJANGO_SETTINGS_MODULE="todomate.settings")
    django.setup()
    return env
