"""The project's settings, and an app whose migrations are interrupted."""

from todomate.settings import *  # noqa: F403  # these are those settings

INSTALLED_APPS = [*INSTALLED_APPS, "safemigrations.tests.shop"]  # noqa: F405  # as above
