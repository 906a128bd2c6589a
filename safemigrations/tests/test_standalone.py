"""The commands in a Django project that has nothing else of this repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from safemigrations.tests.base import (
    ROOT,
    SETTINGS,
    database,
    database_url,
    interrupted,
    migrate_and_die,
    needs_mysql,
)

__all__ = ["database"]
MANAGE = """import os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "{settings}"
execute_from_command_line(sys.argv)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with the package alone and a manage.py."""
    (tmp_path / "safemigrations").symlink_to(ROOT / "safemigrations")
    (tmp_path / "manage.py").write_text(MANAGE.format(settings=SETTINGS))
    return tmp_path


def manage(project: Path, url: str, *command: str) -> tuple[int, str]:
    """Run manage.py; return its exit status and output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=project,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_project_has_no_other_package_of_this_repository(project: Path) -> None:
    code = "import sys, safemigrations; print(safemigrations.__file__, *sys.path, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
    assert str(ROOT) not in done.stdout.splitlines()


def test_migrate_mend_and_the_linter_on_sqlite(project: Path) -> None:
    url = f"sqlite:///{project}/db.sqlite3"
    status, output = manage(project, url, "migrate", "shop", "0012")
    assert status == 0, output
    assert "Applying shop.0012_take_weight_away... OK" in output
    nothing = (
        "Nothing to mend: `mend` is for MySQL and MariaDB, and this database rolls back"
        " interrupted migrations.\n"
    )
    assert manage(project, url, "mend") == (0, nothing)
    status, output = manage(project, url, "lint_migrations")
    assert status == 1
    assert "shop.0013_many_at_once has 11 schema operations" in output


def test_a_linter_without_errors(project: Path) -> None:
    code = f"from {SETTINGS} import *\nSAFE_MIGRATIONS_APPS = ['sessions']\n"
    (project / "quiet.py").write_text(code)
    (project / "manage.py").write_text(MANAGE.format(settings="quiet"))
    output = manage(project, "sqlite:///", "lint_migrations")
    assert output == (0, "All migrations follow the rules.\n")


@needs_mysql
@pytest.mark.usefixtures("database")
def test_migrate_and_mend_on_mysql(project: Path) -> None:
    migrate_and_die(1, 2, after=True)
    url = database_url()
    status, output = manage(project, url, "migrate")
    assert status == 1
    assert "shop.0001_initial was interrupted." in output
    status, output = manage(project, url, "mend")
    assert status == 0, output
    assert "shop.0001_initial is now complete and recorded." in output
    status, output = manage(project, url, "migrate")
    assert status == 0, output
    assert interrupted() == []
