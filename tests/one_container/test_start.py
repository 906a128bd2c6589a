"""Test the command of the image where it is the whole server."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.db import OperationalError, connection

from operations.jobs.management.commands.upgrade import may_pass
from tests.one_container.base import END_TIMEOUT, PERSON, Server, environment, one_container
from tests.replicas.servers import wait_for
from tests.server import ROOT

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="independent of the suite's database"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_an_empty_folder_is_enough_and_a_second_start_keeps_everything(data: Path) -> None:
    with one_container(data) as server:
        tokens = server.sign_up().json()
        for path in (data / "secrets").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in data.rglob("*")} == {0}
        assert "is not a volume: everything is lost with this container" in server.log()
        wait_for(lambda: list((data / "backups").glob("*.json")), "the first backup")
        said = server.manage("doctor").stdout
        assert "0 errors" not in said
        assert "warning [backup-same-disk]" in said
        server.env["BACKUP_URL"] = "file:///dev/shm/todomate"  # always a file system of its own
        assert "backup-same-disk" not in server.manage("doctor").stdout
        del server.env["BACKUP_URL"]
        assert server.manage("restore", "--drill").stdout.endswith("identical to the backup.\n")
        assert server.end() == 0
    keys = {path.name: path.read_text() for path in (data / "secrets").iterdir()}
    assert set(keys) == {"secret_key", "jwt_signing_key"}
    assert len(set(keys.values())) == 2
    with one_container(data) as server:
        assert "The database is up to date." in server.log()
        me = httpx.get(
            f"{server.address}/api/v1/me/",
            headers={"Authorization": f"Bearer {tokens['access']}"},
        )
        assert me.status_code == 200, "the keys have changed"
    assert keys == {path.name: path.read_text() for path in (data / "secrets").iterdir()}


def test_the_nightly_jobs_do_not_die_silently(data: Path) -> None:
    with one_container(data) as server:
        wait_for(lambda: "jobs" in server.children(), "the jobs")
        first = server.children()["jobs"]
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: server.children().get("jobs", first) != first, "they start again")
        assert "ERROR the nightly jobs ended with status -9; they start again in" in server.log()
        heartbeat = Path(server.env["TMPDIR"]) / "todomate-jobs"
        wait_for(heartbeat.exists, "a heartbeat")
        os.kill(server.children()["jobs"], signal.SIGSTOP)
        os.utime(heartbeat, (0, 0))
        assert server.probe() != 0, "the container's health check must notice"
        os.kill(server.children()["jobs"], signal.SIGCONT)


def test_it_ends_with_an_error_and_leaves_no_process_if_gunicorn_does(data: Path) -> None:
    with one_container(data) as server:
        wait_for(lambda: len(server.children()) == 2, "both processes")
        children = server.children()
        os.kill(children["gunicorn"], signal.SIGKILL)
        assert server.process.wait(END_TIMEOUT) == 1
        assert "ERROR gunicorn ended with status -9" in server.log()
        assert not Path(f"/proc/{children['jobs']}").exists()


def test_it_ends_while_it_migrates(data: Path) -> None:
    server = Server(data)
    wait_for((data / "upgrade.lock").exists, "it migrates")
    assert server.end() == 0
    with one_container(data) as again:
        assert again.sign_up().status_code == 201


def test_an_upgrade_that_is_killed_is_an_error_of_the_container(data: Path) -> None:
    server = Server(data)
    wait_for((data / "upgrade.lock").exists, "it migrates")
    task = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
    [child] = Path(task).read_text().split()
    os.kill(int(child), signal.SIGKILL)
    assert server.process.wait(END_TIMEOUT) == 1
    assert "ERROR the upgrade ended with status -9" in server.log()


def test_two_that_start_at_once_have_the_same_keys_and_migrate_once(data: Path) -> None:
    with one_container(data) as one, one_container(data) as other:
        access = one.sign_up().json()["access"]
        headers = {"Authorization": f"Bearer {access}"}
        assert httpx.get(f"{other.address}/api/v1/me/", headers=headers).status_code == 200


def test_an_upgrade_backs_up_before_it_migrates(data: Path) -> None:
    with one_container(data) as server:
        server.sign_up()
        wait_for(lambda: list((data / "backups").glob("*.json")), "the first backup")
    for path in (data / "backups").iterdir():
        path.unlink()
    # As a release before the last migration of the jobs would have left it.
    done = server.manage("migrate", "jobs", "0001")
    assert done.returncode == 0, done.stderr
    assert "Ran 1 migrations." in server.manage("upgrade").stdout
    [manifest] = (data / "backups").glob("*.json")
    assert "jobs.0001_initial" in manifest.read_text()
    assert "jobs.0002_refolding" not in manifest.read_text()
    assert "up to date" in server.manage("upgrade").stdout


def test_a_file_that_is_no_database_is_one_sentence_at_once(data: Path) -> None:
    path = data / "todomate.sqlite3"
    path.write_text("no database " * 100)
    server = Server(data)
    assert server.process.wait(60) == 1
    sentence = f"The database {path} cannot be used: file is not a database"
    assert sentence in server.log()
    assert "Traceback" not in server.log()
    assert "Waiting" not in server.log()


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(1045, "Access denied for user"),
        OperationalError(1049, "Unknown database"),
        OperationalError('FATAL:  password authentication failed for user "me"'),
        OperationalError('FATAL:  database "nowhere" does not exist'),
        OperationalError('FATAL:  role "nobody" does not exist'),
    ],
)
def test_an_upgrade_does_not_wait_for_what_stays_wrong(
    error: OperationalError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "vendor", "a server's")
    assert not may_pass(error)
    assert may_pass(OperationalError(2003, "Can't connect to server"))
    assert may_pass(OperationalError("FATAL:  the database system is starting up"))


def test_jobs_that_ignore_the_signal_and_open_requests_end_within_ten_seconds(data: Path) -> None:
    with one_container(data) as server:
        wait_for(lambda: len(server.children()) == 2, "both processes")
        children = server.children()
        os.kill(children["jobs"], signal.SIGSTOP)
        host, _, port = server.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(b"POST /api/v1/auth/token/ HTTP/1.1\r\nHost: localhost\r\n")
            line.sendall(b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
            assert server.end() == 0
        assert "Shutting down" in server.log(), "gunicorn was killed"
        for pid in children.values():
            assert not Path(f"/proc/{pid}").exists()


def test_both_processes_end_with_the_container(data: Path) -> None:
    with one_container(data) as server:
        wait_for(lambda: len(server.children()) == 2, "both processes")
        children = server.children()
        assert server.end() == 0
        for pid in children.values():
            assert not Path(f"/proc/{pid}").exists()


# Run in a process of its own, which becomes the parent of orphans, as the first of a container is.
ORPHANS = """
import ctypes, os, subprocess, sys, time
from pathlib import Path
from operations.serving.start import reap_orphans

def wait_until_ended(pid):
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)

assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
own = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
# It ends after its parent, which might reap it otherwise.
reader, writer = os.pipe()
words = f"sh -c 'read _ <&{reader}; exit 4' >&2 & echo $!"
middle = subprocess.run(["sh", "-c", words], stdout=-1, check=True, pass_fds=[reader])
orphan = int(middle.stdout)
os.close(writer)
wait_until_ended(orphan)
reap_orphans({own.pid})
assert not Path(f"/proc/{orphan}").exists(), "a zombie is left"
own.stdin.close()
wait_until_ended(own.pid)
reap_orphans({own.pid})
assert own.wait() == 0
reap_orphans(set())
print("done")
"""


def test_processes_without_a_parent_are_reaped_and_children_are_not() -> None:
    command = [sys.executable, "-c", ORPHANS]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == "done\n", done.stderr


def test_what_was_acknowledged_survives_kill_9(data: Path) -> None:
    server = Server(data)
    server.wait_until_ready()
    assert server.sign_up().status_code == 201
    for pid in (server.process.pid, *server.children().values()):
        os.kill(pid, signal.SIGKILL)
    server.process.wait()
    with one_container(data) as again:
        words = {"email": PERSON["email"], "password": PERSON["password"]}
        assert httpx.post(f"{again.address}/api/v1/auth/token/", json=words).status_code == 200


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    done = subprocess.run(
        [sys.executable, "-m", "operations.serving.start"],
        cwd=ROOT,
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("DATA_FOLDER is ")
    assert "mount a volume there" in done.stderr
    assert "Traceback" not in done.stderr


def test_with_a_database_it_is_gunicorn_and_needs_its_settings(tmp_path: Path) -> None:
    for more in (
        {"DATABASE_URL": "mysql://me@127.0.0.1:1/name"},
        {"DATABASE_URL_FILE": "/nowhere"},
        {"ONE_CONTAINER": "false"},
    ):
        done = subprocess.run(
            [sys.executable, "-m", "operations.serving.start"],
            cwd=ROOT,
            env=environment(tmp_path / "data", **more),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Starting gunicorn" in done.stderr
        assert done.stderr.splitlines()[-1].startswith("SECRET_KEY must be a secret")
        assert not (tmp_path / "data").exists()
