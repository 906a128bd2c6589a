"""What deploy.sh does and says before it has to do with containers. The rest is tried with real ones in tests/stack."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from tests.delivery.compose import MYSQL, PROD, load
from tests.delivery.template import ROOT

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the script does not depend on the database; it is tested along with SQLite"
)

TOOLS = "base64", "bash", "cat", "chmod", "chown", "date", "dirname", "find", "flock", "grep", "head", "id", "mkdir"
TOOLS += "mv", "sed", "tail", "tr"
DIGEST = f"registry.example/todomate@sha256:{'0' * 64}"
# Of a machine on which Docker runs and has nothing: what comes before any container.
DOCKER = """case "$1 ${2:-}" in "info "* | "compose version") ;; *) echo "asked: $*" >&2; exit 1 ;; esac"""


class Server:
    """A server's folder with deploy.sh in it, and a PATH of one folder with what that calls, but for docker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder / "todomate", folder / "bin"
        self.folder.mkdir()
        self.path.mkdir()
        shutil.copy(ROOT / "deploy.sh", self.folder)
        for name in TOOLS:
            found = shutil.which(name)
            assert found, name
            (self.path / name).symlink_to(found)
        if os.geteuid() != 0:  # only root may give files away; the rest is the same
            for name, body in {"chown": "", "id": "echo 0"}.items():
                (self.path / name).unlink()
                self.put(name, body)

    def put(self, name: str, body: str) -> None:
        (self.path / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.path / name).chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.path), "HOME": str(self.path)}
        command = ["bash", str(self.folder / "deploy.sh"), *arguments]
        return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=30)

    def refuses(self, *arguments: str) -> str:
        """The one sentence with which it ends."""
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        match = re.fullmatch(r"\d\d:\d\d:\d\d (.*)\n", done.stderr)
        assert match, done.stderr
        return match[1]

    def held(self) -> dict[str, tuple[int, bytes]]:
        """Each file's mode and what is in it."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): (path.stat().st_mode, path.read_bytes()) for path in files}


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture
def ready(server: Server) -> Server:
    """With what `init` makes and its name filled in, on a machine with Docker."""
    assert server.run("init").returncode == 0
    (server.folder / ".env").write_text("DOMAIN=todo.example.org\n")
    server.put("docker", DOCKER)
    return server


class TestInit:
    def test_it_makes_what_is_missing_and_says_what_is_to_be_filled_in(self, server: Server) -> None:
        done = server.run("init")
        assert (done.returncode, done.stderr) == (0, "")
        for what in ("Made .env: write the server's name after DOMAIN=", "Made secrets/database_url: write mysql://"):
            assert what in done.stdout
        names = {path.name for path in server.folder.iterdir()}
        assert names == {"deploy.sh", ".env", "secrets", "tls", "acme", "backups", "state"}
        assert "DOMAIN=\n" in (server.folder / ".env").read_text()
        assert {path.name for path in (server.folder / "secrets").iterdir()} == set(load(PROD)["secrets"])

    def test_the_keys_are_long_and_of_no_other_server(self, server: Server, tmp_path: Path) -> None:
        (tmp_path / "second").mkdir()
        found = []
        for one in (server, Server(tmp_path / "second")):
            one.run("init")
            found += [(one.folder / "secrets" / name).read_text() for name in ("secret_key", "jwt_signing_key")]
        assert len(set(found)) == 4
        assert all(len(key) > 50 and key.isalnum() for key in found)

    def test_secrets_are_for_the_containers_user_alone(self, server: Server) -> None:
        server.run("init")
        for path in (server.folder / "secrets").iterdir():
            assert path.stat().st_mode & 0o777 == 0o400, path.name
        backups = (server.folder / "backups").stat()
        assert backups.st_mode & 0o777 == 0o700
        if os.geteuid() == 0:
            owned = [backups, *(path.stat() for path in (server.folder / "secrets").iterdir())]
            assert {(stat.st_uid, stat.st_gid) for stat in owned} == {(10001, 10001)}

    def test_nothing_that_is_there_is_changed(self, server: Server) -> None:
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

    @pytest.mark.skipif(os.geteuid() != 0, reason="writes into a file that is already the containers' user's")
    def test_with_a_mysql_of_its_own_it_makes_the_password_too(self, server: Server) -> None:
        (server.folder / ".env").write_text(f"DOMAIN=todo.example.org\nCOMPOSE_FILE={PROD}:{MYSQL}\n")
        assert server.run("init").returncode == 0
        secrets = server.folder / "secrets"
        password = (secrets / "mysql_password").read_text()
        assert (secrets / "database_url").read_text() == f"mysql://todomate:{password}@mysql:3306/todomate"
        user = load(MYSQL)["services"]["mysql"]["user"].split(":")[0]
        assert (secrets / "mysql_password").stat().st_uid == int(user)
        before = server.held()
        server.run("init")
        assert server.held() == before


class TestRefusals:
    @pytest.mark.parametrize("command", [(DIGEST,), ("rollback",), ("status",), ("reload",), ("compose", "ps")])
    def test_before_init(self, server: Server, command: tuple[str, ...]) -> None:
        assert server.refuses(*command) == "There is no .env here: run ./deploy.sh init first."

    def test_without_docker(self, server: Server) -> None:
        server.run("init")
        assert server.refuses(DIGEST) == "Docker is not installed here: docs/deploy.md says how."

    def test_docker_that_does_not_answer(self, ready: Server) -> None:
        ready.put("docker", "exit 1")
        assert ready.refuses(DIGEST).startswith("Docker does not answer: is it running, and may ")

    def test_docker_without_compose(self, ready: Server) -> None:
        ready.put("docker", '[ "$1" = info ]')
        assert "docker-compose-plugin" in ready.refuses(DIGEST)

    @pytest.mark.parametrize("image", ["todomate", "todomate:latest", "todomate@sha256:12", f"x y@{DIGEST}", "Sha256:"])
    def test_an_image_that_is_not_named_by_its_digest(self, ready: Server, image: str) -> None:
        said = ready.refuses(image)
        assert said.startswith("An image is named by its digest, NAME@sha256:")
        assert said.endswith(f"this is not one: {image}")

    @pytest.mark.parametrize("command", [DIGEST, "reload"])
    def test_a_second_one_at_the_same_time(self, ready: Server, command: str) -> None:
        with (ready.folder / "state" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert ready.refuses(command).startswith("Another deploy.sh is at work here")
        assert not ready.refuses(DIGEST[:-1]).startswith("Another deploy.sh")

    def test_a_rollback_with_nothing_to_go_back_to(self, ready: Server) -> None:
        assert ready.refuses("rollback") == "There is no release before this one to go back to."

    def test_what_was_refused_stands_in_the_log(self, ready: Server) -> None:
        ready.refuses("todomate:latest")
        begun, refused = (ready.folder / "state" / "log").read_text().splitlines()
        assert begun.endswith("deploy of todomate:latest begins")
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ An image is named by its digest", refused)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("help",)])
def test_it_says_how_it_is_called(server: Server, arguments: tuple[str, ...]) -> None:
    done = server.run(*arguments)
    assert (done.returncode, done.stderr) == (2, "")
    for command in ("init", "NAME@sha256:…", "rollback", "status", "reload", "compose …"):
        assert f"deploy.sh {command}" in done.stdout
    assert "RESTART=true" in done.stdout
    assert "#" not in done.stdout


@pytest.mark.parametrize("name", ["docs/deploy.md", "docs/backups.md", "README.md"])
def test_the_variables_that_the_documents_give_it_are_its_own(name: str) -> None:
    script, text = (ROOT / "deploy.sh").read_text(), (ROOT / name).read_text("utf-8")
    given = set(re.findall(r"\b([A-Z_]+)=\S+ \./deploy\.sh", text))
    assert given or name == "README.md"
    assert {variable for variable in given if f"${{{variable}:-" not in script} == set()
