"""Test which server is one container, its settings, and the hosts that it answers to."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import Client, SimpleTestCase, override_settings

from core import one_container
from core.one_container import backup_url, is_local_host, is_mounted, own_key
from tests.test_settings import GOOD, read, refusal

LOCAL_NAMES = (
    "localhost",
    "127.0.0.1",
    "192.168.0.5",
    "[fd00::1]",
    "nas",
    "nas.local",
    "todo.home.arpa",
    "NAS.LAN.",
)
OTHER_NAMES = ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3")


@pytest.mark.parametrize("name", LOCAL_NAMES)
def test_addresses_and_local_names_are_local(name: str) -> None:
    assert is_local_host(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_names_that_public_dns_may_have_are_not(name: str) -> None:
    assert not is_local_host(name)


@override_settings(ALLOWED_HOSTS=["*"], LOCAL_HOSTS_ONLY=True)
class HostTest(SimpleTestCase):
    def test_pages_and_the_api_answer_to_local_names_only(self) -> None:
        for path in ("/api/v1/", "/", "/api/docs/", "/admin/login/", "/nothing", "/static/x"):
            with self.assertLogs("django.security") as logs:
                answer = Client().get(path, headers={"Host": "evil.example"})
            assert answer.status_code == 400, path
            assert "set DOMAIN" in logs.output[0]
            assert "evil.example" not in answer.content.decode()
        assert Client().get("/api/v1/", headers={"Host": "nas.local:8000"}).status_code == 200
        # Local by their form, but no names of hosts.
        for name in ("nas_x", "a b", "nas:x", f"{'a' * 300}.lan"):
            with self.assertLogs("django.security"):
                answer = Client().get("/api/v1/", headers={"Host": name})
            assert answer.status_code == 400, name
        answer = Client().get("/api/v1/health/live/", headers={"Host": "evil.example"})
        assert answer.status_code == 200


def test_without_any_setting_everything_is_in_the_folder(tmp_path: Path) -> None:
    settings = read({"DATA_FOLDER": str(tmp_path)})
    assert settings["DATABASES"]["default"]["NAME"] == f"{tmp_path}/todomate.sqlite3"
    assert settings["BACKUP_URL"] == f"{tmp_path.as_uri()}/backups"
    assert settings["LOCAL_HOSTS_ONLY"] is True
    keys = [settings["SECRET_KEY"], settings["SIMPLE_JWT"]["SIGNING_KEY"]]
    assert len({*keys}) == 2
    assert min(map(len, keys)) >= 50
    again = read({"DATA_FOLDER": str(tmp_path)})
    assert [again["SECRET_KEY"], again["SIMPLE_JWT"]["SIGNING_KEY"]] == keys


def test_a_domain_or_hosts_replace_the_local_names(tmp_path: Path) -> None:
    folder = {"DATA_FOLDER": str(tmp_path)}
    for more in ({"DOMAIN": "todo.example"}, {"ALLOWED_HOSTS": "todo.example"}):
        settings = read(folder | more)
        assert settings["ALLOWED_HOSTS"] == ["todo.example"]
        assert settings["LOCAL_HOSTS_ONLY"] is False


def test_with_a_database_the_folder_is_not_used_unless_one_container_says_so(
    tmp_path: Path,
) -> None:
    url = "mysql://me@db.example/todomate"
    given = {"DATA_FOLDER": str(tmp_path / "data"), "DATABASE_URL": url}
    assert refusal(given).startswith("SECRET_KEY ")
    assert refusal({"SECRET_KEY": "k" * 60} | given).startswith("ALLOWED_HOSTS ")
    settings = read(GOOD | given)
    assert settings["LOCAL_HOSTS_ONLY"] is False
    assert settings["SIMPLE_JWT"]["SIGNING_KEY"] == GOOD["SECRET_KEY"]
    assert not (tmp_path / "data").exists()
    settings = read(given | {"ONE_CONTAINER": "true"})
    assert settings["DATABASES"]["default"]["HOST"] == "db.example"
    assert settings["BACKUP_URL"].endswith("/data/backups")


def test_a_given_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    settings = read({"DATA_FOLDER": str(tmp_path), "SECRET_KEY": "k" * 60})
    assert settings["SECRET_KEY"] == settings["SIMPLE_JWT"]["SIGNING_KEY"] == "k" * 60
    assert not list(tmp_path.iterdir())


def test_a_secret_key_that_is_set_later_signs_nobody_out(tmp_path: Path) -> None:
    folder = {"DATA_FOLDER": str(tmp_path)}
    before = read(folder)["SIMPLE_JWT"]["SIGNING_KEY"]
    settings = read(folder | {"SECRET_KEY": "k" * 60})
    assert settings["SECRET_KEY"] == "k" * 60
    assert settings["SIMPLE_JWT"]["SIGNING_KEY"] == before
    settings = read(folder | {"SECRET_KEY": "k" * 60, "JWT_SIGNING_KEY": "j" * 60})
    assert settings["SIMPLE_JWT"]["SIGNING_KEY"] == "j" * 60


def test_a_file_system_without_hard_links_and_a_killed_start_leave_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / ".secret_key.new").write_text("half a ke")
    key = own_key(tmp_path, "secret_key")
    assert len(key) >= 50
    assert own_key(tmp_path, "secret_key") == key
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["secret_key"]


def test_a_mount_whose_path_has_a_space_is_found(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text("36 35 98:0 /a /my\\040data rw,noatime shared:1 - ext4 /dev/sda1 rw\n")
    assert is_mounted(Path("/my data"), mounts)
    assert not is_mounted(Path("/my"), mounts)


def test_many_that_start_at_once_use_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: own_key(tmp_path, "secret_key"), range(64)))
    assert len(keys) == 1
    [path] = (tmp_path / "secrets").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_backups_go_to_a_volume_of_their_own_if_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert backup_url(tmp_path, "file:///backups") == f"{tmp_path.as_uri()}/backups"
    assert backup_url(tmp_path, "s3://bucket/here") == "s3://bucket/here"
    monkeypatch.setattr(one_container, "BACKUP_MOUNT", Path("/proc"))  # a mount on every machine
    assert backup_url(tmp_path, "file:///proc") == "file:///proc"
