"""Read the settings of this app (README.md lists them)."""

from pathlib import Path

from django.apps import apps
from django.conf import settings

# Folders in which Python and Linux distributions install packages.
PACKAGE_FOLDERS = {"site-packages", "dist-packages"}


def project_app_labels() -> set[str]:
    """Return the labels of the project's own apps, whose migrations have to follow the rules.

    SAFE_MIGRATIONS_APPS names them. By default they are the apps that are not in a folder of
    installed packages.
    """
    configured = getattr(settings, "SAFE_MIGRATIONS_APPS", None)
    if configured is not None:
        return set(configured)
    return {
        config.label
        for config in apps.get_app_configs()
        if PACKAGE_FOLDERS.isdisjoint(Path(config.path).parts)
    }


def long_tasks() -> dict[str, str]:
    """Return the tasks that may keep tables locked for minutes, as {lock: description}.

    SAFE_MIGRATIONS_LONG_TASKS has the task names that were passed to `lock_name`.
    """
    return dict(getattr(settings, "SAFE_MIGRATIONS_LONG_TASKS", {}))
