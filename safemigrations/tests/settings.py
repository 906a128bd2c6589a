"""The settings with an app whose migrations are killed, mended and examined."""

from todomate.settings import *  # noqa: F403  # these are those settings

INSTALLED_APPS = [*INSTALLED_APPS, "safemigrations.tests.shop"]  # noqa: F405  # as above
