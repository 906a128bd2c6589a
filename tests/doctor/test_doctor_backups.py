"""Test the findings about backups, on the server of the test suite."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from core import clock
from operations.jobs.models import Run
from operations.jobs.nightly import MAX_BACKUP_AGE
from tests.doctor.base import ROOT, VALID_ENV, Report, doctor
from tests.doctor.servers import examine
from tests.jobs.base import TOOLS
from tests.jobs.s3 import environment as s3
from tests.server import free_port

pytestmark = [
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="backups and jobs are for MySQL and MariaDB"
    ),
    pytest.mark.django_db(transaction=True),
]
LONG_AGO = MAX_BACKUP_AGE + timedelta(hours=1)


def run() -> Report:
    return examine(str(connection.settings_dict["NAME"]))


def create_user(ago: timedelta) -> None:
    user = User.objects.create_user("me@example.org", None)
    User.objects.filter(pk=user.pk).update(created_at=clock.now() - ago)


def record_run(state: Run.State, ago: timedelta) -> None:
    at = clock.now() - ago
    Run.objects.create(name="backup", state=state, started_at=at, ended_at=at)


def overdue_text(report: Report) -> str:
    assert report.codes_except("mail-not-set-up", "backup-program") == {"backup-overdue": "warning"}
    assert (
        "`./deploy.sh compose exec jobs python manage.py jobs --status` shows the last error"
        in report.text["backup-overdue"]
    )
    return report.text["backup-overdue"]


def test_a_backup_that_has_not_succeeded_for_too_long() -> None:
    create_user(LONG_AGO)
    record_run(Run.State.SUCCEEDED, LONG_AGO)
    record_run(Run.State.FAILED, timedelta(hours=1))
    assert "The nightly backup last succeeded at " in overdue_text(run())
    record_run(Run.State.SUCCEEDED, timedelta(hours=1))
    assert "backup-overdue" not in run().codes


@pytest.mark.skipif(not TOOLS, reason="no client (mariadb-dump, mysqldump) is installed")
def test_the_command_in_the_hint_makes_a_backup(tmp_path: Path) -> None:
    create_user(LONG_AGO)
    record_run(Run.State.FAILED, LONG_AGO)
    assert (
        "`./deploy.sh compose exec jobs python manage.py backup` makes a backup at once"
        in overdue_text(run())
    )
    url = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
    env = (
        {"PATH": os.environ["PATH"]}
        | VALID_ENV
        | {"DATABASE_URL": url, "BACKUP_URL": tmp_path.as_uri()}
    )
    subprocess.run(
        [sys.executable, "manage.py", "backup"],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert "backup-overdue" not in run().codes


def test_a_server_whose_backups_have_always_failed() -> None:
    create_user(LONG_AGO)
    record_run(Run.State.FAILED, LONG_AGO)
    assert "The nightly backup has never succeeded." in overdue_text(run())


def test_a_server_on_which_no_job_has_ever_run() -> None:
    create_user(LONG_AGO)
    assert "nothing runs `python manage.py jobs`" in overdue_text(run())


def test_a_new_server_has_no_warning() -> None:
    record_run(Run.State.FAILED, LONG_AGO)
    assert "backup-overdue" not in run().codes, "there are no users"
    Run.objects.all().delete()
    create_user(timedelta(hours=1))
    assert "backup-overdue" not in run().codes, "its first night has not passed"


def run_with_target(url: str, **more: str) -> Report:
    return examine(str(connection.settings_dict["NAME"]), BACKUP_URL=url, **more)


def test_a_missing_folder_is_not_created(tmp_path: Path) -> None:
    assert "backup-place" not in run_with_target((tmp_path / "a" / "b").as_uri()).codes
    assert not list(tmp_path.iterdir()), "the doctor creates nothing"


def test_an_invalid_target(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    report = run_with_target((tmp_path / "file" / "backups").as_uri())
    assert report.codes["backup-place"] == "warning"
    assert (
        f"No backup can be stored: {tmp_path}/file is not a folder." in report.text["backup-place"]
    )
    assert (
        "BACKUP_URL must be file:///folder or s3://bucket/prefix"
        in run_with_target("s3:///here").text["backup-place"]
    )


def test_a_bucket_that_cannot_be_reached() -> None:
    report = run_with_target("s3://bucket/here", **s3(f"http://127.0.0.1:{free_port()}"))
    assert "No backup can be stored: s3://bucket/here: " in report.text["backup-place"]


def test_a_machine_without_a_dump_program() -> None:
    report = run_with_target("file:///backups", PATH="/nowhere")
    assert report.codes["backup-program"] == "warning"
    client = "mariadb" if connection.vendor == "mysql" else "postgresql"
    assert f"sudo apt install {client}-client" in report.text["backup-program"]


def test_a_local_server_needs_no_backup() -> None:
    create_user(LONG_AGO)
    name = connection.settings_dict["NAME"]
    url = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{name}"
    report = doctor(**VALID_ENV | {"DATABASE_URL": url, "TODOMATE_ENV": "local"})
    assert "backup-overdue" not in report.codes
