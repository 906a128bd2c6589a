"""What the doctor says where the nightly backup is not made, on the server that the suite runs on."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from core import days
from operations.jobs.models import Run
from operations.jobs.nightly import TOO_OLD
from tests.doctor.base import GOOD, ROOT, Said, doctor
from tests.doctor.servers import told
from tests.jobs.base import TOOLS
from tests.jobs.s3 import environment as s3
from tests.server import free_port

pytestmark = [
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="backups and jobs are for MySQL and MariaDB"
    ),
    pytest.mark.django_db(transaction=True),
]
LONG_AGO = TOO_OLD + timedelta(hours=1)


def say() -> Said:
    return told(str(connection.settings_dict["NAME"]))


def joined(ago: timedelta) -> None:
    user = User.objects.create_user("me@example.org", None)
    User.objects.filter(pk=user.pk).update(created_at=days.now() - ago)


def ran(state: Run.State, ago: timedelta) -> None:
    at = days.now() - ago
    Run.objects.create(name="backup", state=state, started_at=at, ended_at=at)


def overdue(said: Said) -> str:
    assert said.besides("mail-not-set-up", "backup-program") == {"backup-overdue": "warning"}
    assert (
        "`./deploy.sh compose exec jobs python manage.py jobs --status` says why"
        in said.text["backup-overdue"]
    )
    return said.text["backup-overdue"]


def test_a_backup_that_has_not_succeeded_for_too_long() -> None:
    joined(LONG_AGO)
    ran(Run.State.SUCCEEDED, LONG_AGO)
    ran(Run.State.FAILED, timedelta(hours=1))
    assert "The nightly backup last succeeded at " in overdue(say())
    ran(Run.State.SUCCEEDED, timedelta(hours=1))
    assert "backup-overdue" not in say().codes


@pytest.mark.skipif(not TOOLS, reason="no client (mariadb-dump, mysqldump) is installed")
def test_the_command_that_is_named_ends_it(tmp_path: Path) -> None:
    joined(LONG_AGO)
    ran(Run.State.FAILED, LONG_AGO)
    assert "`./deploy.sh compose exec jobs python manage.py backup` makes one at once" in overdue(
        say()
    )
    url = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
    env = (
        {"PATH": os.environ["PATH"]} | GOOD | {"DATABASE_URL": url, "BACKUP_URL": tmp_path.as_uri()}
    )
    subprocess.run(
        [sys.executable, "manage.py", "backup"],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert "backup-overdue" not in say().codes


def test_backups_that_have_always_failed() -> None:
    joined(LONG_AGO)
    ran(Run.State.FAILED, LONG_AGO)
    assert "The nightly backup has never succeeded." in overdue(say())


def test_a_server_on_which_no_job_ever_ran() -> None:
    joined(LONG_AGO)
    assert "nothing runs `python manage.py jobs`" in overdue(say())


def test_the_first_days_of_a_server_need_no_warning() -> None:
    ran(Run.State.FAILED, LONG_AGO)
    assert "backup-overdue" not in say().codes, "nobody is here yet"
    Run.objects.all().delete()
    joined(timedelta(hours=1))
    assert "backup-overdue" not in say().codes, "no night has passed yet"


def with_place(url: str, **more: str) -> Said:
    return told(str(connection.settings_dict["NAME"]), BACKUP_URL=url, **more)


def test_a_folder_for_backups_that_is_not_there_yet(tmp_path: Path) -> None:
    assert "backup-place" not in with_place((tmp_path / "a" / "b").as_uri()).codes
    assert not list(tmp_path.iterdir()), "the doctor makes nothing"


def test_a_place_for_backups_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = with_place((tmp_path / "file" / "backups").as_uri())
    assert said.codes["backup-place"] == "warning"
    assert f"No backup can be kept: {tmp_path}/file is no folder." in said.text["backup-place"]
    assert (
        "BACKUP_URL must be file:///folder or s3://bucket/prefix"
        in with_place("s3:///here").text["backup-place"]
    )


def test_a_bucket_that_cannot_be_reached() -> None:
    said = with_place("s3://bucket/here", **s3(f"http://127.0.0.1:{free_port()}"))
    assert "No backup can be kept: s3://bucket/here: " in said.text["backup-place"]


def test_a_machine_without_the_program_that_dumps() -> None:
    said = with_place("file:///backups", PATH="/nowhere")
    assert said.codes["backup-program"] == "warning"
    assert "sudo apt install mariadb-client" in said.text["backup-program"]


def test_a_server_to_try_out_needs_no_backup() -> None:
    joined(LONG_AGO)
    name = connection.settings_dict["NAME"]
    url = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{name}"
    said = doctor(**GOOD | {"DATABASE_URL": url, "TODOMATE_ENV": "local"})
    assert "backup-overdue" not in said.codes
