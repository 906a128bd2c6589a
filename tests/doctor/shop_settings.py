"""The settings of the project, with safemigrations' test app installed as well."""

from todomate.settings import *  # noqa: F403  # these are those settings

INSTALLED_APPS = [*INSTALLED_APPS, "safemigrations.tests.shop"]  # noqa: F405  # as above
