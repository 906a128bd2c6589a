"""Test deploy.sh as far as it needs no containers; tests/stack tests the rest with real ones."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
from pathlib import Path

import pytest

from tests.delivery.compose import MYSQL, PROD, load
from tests.delivery.server_folder import DIGEST, DOCKER, Server
from tests.delivery.template import ROOT


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def ready(server: Server) -> Server:
    """Prepare a folder after `init`, with DOMAIN set, on a machine with Docker."""
    assert server.run("init").returncode == 0
    (server.folder / ".env").write_text("DOMAIN=todo.example.org\n")
    server.put("docker", DOCKER)
    return server


@pytest.fixture
def with_mysql(server: Server) -> Server:
    """Prepare a folder for a server with its own MySQL."""
    (server.folder / ".env").write_text(f"DOMAIN=todo.example.org\nCOMPOSE_FILE={PROD}:{MYSQL}\n")
    return server


class TestInit:
    def test_it_creates_missing_files_and_prints_what_to_fill_in(self, server: Server) -> None:
        done = server.run("init")
        assert (done.returncode, done.stderr) == (0, "")
        asked = (
            "Created .env: write the server's name",
            "database_url: write mysql://",
            "mail_url: write smtp://",
        )
        for what in asked:
            assert what in done.stdout
        names = {path.name for path in server.folder.iterdir()}
        assert names == {
            "deploy.sh",
            ".env",
            "secrets",
            "tls",
            "acme",
            "well-known",
            "backups",
            "buffers",
            "state",
        }
        assert "DOMAIN=\n" in (server.folder / ".env").read_text()
        assert (server.folder / "secrets" / "mail_url").read_text() == "console://", (
            "a swarm refuses an empty secret"
        )
        assert {path.name for path in (server.folder / "secrets").iterdir()} == set(
            load(PROD)["secrets"]
        )

    def test_the_keys_are_long_and_random(self, server: Server, tmp_path: Path) -> None:
        (tmp_path / "second").mkdir()
        found = []
        for one in (server, Server(tmp_path / "second")):
            one.run("init")
            found += [
                (one.folder / "secrets" / name).read_text()
                for name in ("secret_key", "jwt_signing_key")
            ]
        assert len(set(found)) == 4
        assert all(len(key) > 50 and key.isalnum() for key in found)

    def test_only_the_containers_user_can_read_secrets(self, server: Server) -> None:
        server.run("init")
        for path in (server.folder / "secrets").iterdir():
            assert path.stat().st_mode & 0o777 == 0o400, path.name
        assert (server.folder / ".env").stat().st_mode & 0o777 == 0o600, (
            "the URL of a replica holds a password"
        )
        backups = (server.folder / "backups").stat()
        assert backups.st_mode & 0o777 == 0o700
        if os.geteuid() == 0:
            owned = [backups, *(path.stat() for path in (server.folder / "secrets").iterdir())]
            assert {(stat.st_uid, stat.st_gid) for stat in owned} == {(10001, 10001)}

    def test_existing_files_are_not_changed(self, server: Server) -> None:
        (server.folder / "secrets").mkdir()
        (server.folder / "secrets" / "secret_key").write_text("mine")
        (server.folder / ".env").write_text("DOMAIN=todo.example.org\n")
        server.run("init")
        before = server.held()
        assert before[".env"][1] == b"DOMAIN=todo.example.org\n"
        assert before["secrets/secret_key"][1] == b"mine"
        again = server.run("init")
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
        assert server.held() == before

    @pytest.mark.skipif(os.geteuid() != 0, reason="reads files that belong to MySQL's user")
    def test_it_creates_the_passwords_of_its_own_mysql(self, with_mysql: Server) -> None:
        assert with_mysql.run("init").returncode == 0
        secrets = with_mysql.folder / "secrets"
        names = "mysql_password", "mysql_root_password"
        password, of_root = ((secrets / name).read_text() for name in names)
        assert password != of_root
        assert (
            secrets / "database_url"
        ).read_text() == f"mysql://todomate:{password}@mysql:3306/todomate"
        user = load(MYSQL)["services"]["mysql"]["user"].split(":")[0]
        assert {(secrets / name).stat().st_uid for name in names} == {int(user)}
        before = with_mysql.held()
        with_mysql.run("init")
        assert with_mysql.held() == before

    @pytest.mark.skipif(os.geteuid() != 0, reason="reads files that belong to MySQL's user")
    @pytest.mark.parametrize("left", [None, ""])
    def test_a_missing_or_empty_url_of_its_own_mysql_is_created_again(
        self, with_mysql: Server, left: str | None
    ) -> None:
        with_mysql.run("init")
        before = with_mysql.held()
        path = with_mysql.folder / "secrets" / "database_url"
        path.unlink()
        if left is not None:
            path.write_text(left)
        assert "Created secrets/database_url" in with_mysql.run("init").stdout
        assert with_mysql.held() == before

    def test_incomplete_files_of_a_killed_run_are_removed(self, server: Server) -> None:
        (server.folder / "secrets").mkdir()
        (server.folder / "secrets" / ".secret_key").write_text("hal")
        assert server.run("init").returncode == 0
        assert not [name for name in server.held() if "/." in name]


class TestRefusals:
    @pytest.mark.parametrize(
        "command", [(DIGEST,), ("rollback",), ("status",), ("reload",), ("compose", "ps")]
    )
    def test_before_init(self, server: Server, command: tuple[str, ...]) -> None:
        assert server.refuses(*command) == "There is no .env here: run ./deploy.sh init first."

    @pytest.mark.parametrize("command", ["init", DIGEST, "rollback", "reload"])
    def test_an_account_other_than_root(self, ready: Server, command: str) -> None:
        (ready.path / "id").unlink()
        ready.put("id", "echo 1000")
        assert ready.refuses(command).startswith("Run this as root (sudo ./deploy.sh …)")

    @pytest.mark.parametrize("env", ["DOMAIN=\n", "", 'DOMAIN=""\n', "#DOMAIN=todo.example.org\n"])
    def test_without_the_servers_name(self, ready: Server, env: str) -> None:
        (ready.folder / ".env").write_text(env)
        assert ready.refuses(DIGEST).startswith("DOMAIN is empty in .env: ")

    def test_without_docker(self, ready: Server) -> None:
        (ready.path / "docker").unlink()
        assert ready.refuses(DIGEST) == "Docker is not installed here: see docs/deploy.md."

    def test_docker_that_does_not_answer(self, ready: Server) -> None:
        ready.put("docker", "exit 1")
        assert ready.refuses(DIGEST).startswith("Docker does not answer: is it running, and may ")

    def test_docker_without_compose(self, ready: Server) -> None:
        ready.put("docker", '[ "$1" = info ]')
        assert "docker-compose-plugin" in ready.refuses(DIGEST)

    @pytest.mark.parametrize(
        "image", ["todomate", "todomate:latest", "todomate@sha256:12", f"x y@{DIGEST}", "Sha256:"]
    )
    def test_an_image_without_a_digest(self, ready: Server, image: str) -> None:
        message = ready.refuses(image)
        assert message.startswith("The image must have a digest, NAME@sha256:")
        assert message.endswith(f"the tested one: {image}")

    @pytest.mark.parametrize("command", [DIGEST, "rollback"])
    def test_a_second_run_at_the_same_time(self, ready: Server, command: str) -> None:
        with (ready.folder / "state" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert ready.refuses(command).startswith("Another deploy.sh is running here")
        assert not ready.refuses(DIGEST[:-1]).startswith("Another deploy.sh")

    def test_reload_waits_for_a_deploy_to_end(self, ready: Server) -> None:
        """A new certificate can come at any time, and must be loaded after a deploy."""
        asks, flock = ready.path / "asks", ready.path / "flock"
        os.mkfifo(asks)
        asked = os.open(asks, os.O_RDWR)
        real = flock.readlink()
        flock.unlink()
        ready.put("flock", f'echo "$@" >"{asks}"\nexec {real} "$@"')
        with (ready.folder / "state" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            reload = ready.start("reload")
            assert select.select([asked], [], [], 30)[0], "it did not try to take the lock"
            option, seconds, _ = os.read(asked, 100).split()
            assert reload.poll() is None
        assert "nginx is not running" in reload.communicate(timeout=30)[1]
        os.close(asked)
        assert (option, int(seconds) >= 600) == (b"--timeout", True)

    def test_a_rollback_without_a_previous_release(self, ready: Server) -> None:
        assert ready.refuses("rollback") == "There is no previous release."

    def test_refusals_are_logged(self, ready: Server) -> None:
        ready.refuses("todomate:latest")
        begun, refused = (ready.folder / "state" / "log").read_text().splitlines()
        assert begun.endswith("deploy of todomate:latest begins")
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ The image must have a digest", refused)


@pytest.mark.parametrize(
    "line",
    ["{}={}", '{}="{}"', "{}='{}'", "{}={} # both", '{}="{}" # both', "export {}={}", "{} = {}  "],
)
def test_it_reads_env_like_compose(ready: Server, line: str) -> None:
    files = f"{PROD}:{MYSQL}"
    lines = line.format("DOMAIN", "todo.example.org"), line.format("COMPOSE_FILE", files)
    (ready.folder / ".env").write_text("\n".join(["COMPOSE_FILE=an-earlier-line", *lines, ""]))
    ready.put("docker", f"{DOCKER.replace('exit 1', 'echo $COMPOSE_FILE $COMPOSE_PROJECT_NAME')}")
    done = ready.run("compose", "ps")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"{files} todomate\n",
        "unexpected: compose ps\n",
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("help",)])
def test_it_prints_its_usage(server: Server, arguments: tuple[str, ...]) -> None:
    done = server.run(*arguments)
    assert (done.returncode, done.stderr) == (2, "")
    for command in ("init", "NAME@sha256:…", "rollback", "status", "reload", "compose …"):
        assert f"deploy.sh {command}" in done.stdout
    assert "RESTART=true" in done.stdout
    assert "#" not in done.stdout


@pytest.mark.parametrize("name", ["docs/deploy.md", "docs/backups.md", "README.md"])
def test_the_variables_in_the_documents_exist(name: str) -> None:
    script, text = (ROOT / "deploy.sh").read_text(), (ROOT / name).read_text("utf-8")
    calls = re.findall(r"((?:\b[A-Z_]+=\S+ )+)\./deploy\.sh", text)
    given = set(re.findall(r"([A-Z_]+)=", "".join(calls)))
    assert given or name != "docs/deploy.md"
    assert {variable for variable in given if f"${{{variable}:-" not in script} == set()


class TestFilesOfARelease:
    """A killed run has left new files; the old ones are kept until the switch."""

    @pytest.fixture
    def half_way(self, ready: Server) -> Server:
        (ready.path / "cp").symlink_to(str(shutil.which("cp")))
        before = ready.folder / "state" / "kit-before"
        before.mkdir()
        (before / "whole").touch()
        (before / ".env.example").write_text("before")
        (ready.folder / ".env.example").write_text("new")
        return ready

    def test_old_files_are_restored_when_a_deploy_fails(self, half_way: Server) -> None:
        assert half_way.run(DIGEST).returncode == 1
        assert (half_way.folder / ".env.example").read_text() == "before"

    def test_a_run_that_is_refused_during_another_one_changes_no_files(
        self, half_way: Server
    ) -> None:
        with (half_way.folder / "state" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert half_way.run(DIGEST).returncode == 1
        assert (half_way.folder / ".env.example").read_text() == "new"

    def test_status_without_docker_changes_no_files(self, half_way: Server) -> None:
        half_way.put("docker", "exit 1")
        assert half_way.run("status").returncode == 1
        assert (half_way.folder / ".env.example").read_text() == "new"
