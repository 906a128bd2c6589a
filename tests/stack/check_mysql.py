"""Test the stack with its own MySQL, from `init` to the drill of a backup."""

from __future__ import annotations

import re
from pathlib import Path

from tests.stack.stack import IMAGE, Stack, digest


class WithMySQL(Stack):
    """A stack with docker-compose.mysql.yml and the secrets of `init`."""

    def configure(self) -> None:
        settings = {
            "DOMAIN": "localhost",
            "HTTP_PORT": str(self.http),
            "HTTPS_PORT": str(self.https),
        }
        settings["COMPOSE_FILE"] = '"docker-compose.prod.yml:docker-compose.mysql.yml"'
        (self.folder / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in settings.items())
        )
        self.deploy("init")


def test_it_serves_and_backs_up_and_restores(tmp_path: Path) -> None:
    stack = WithMySQL(tmp_path)
    try:
        stack.deploy(digest(IMAGE))
        with stack.client() as client:
            body = {
                "email": "sora@example.com",
                "password": "a walk by the river",
                "nickname": "Sora",
            }
            assert client.post("/api/v1/auth/signup/", json=body).status_code == 201
        (jobs,) = stack.containers("jobs")
        output = stack.manage("doctor", container=jobs).stdout
        assert re.findall(r"^(?:error|warning) \[(.*)\]", output, re.MULTILINE) == [
            "mail-not-set-up"
        ], output
        assert stack.manage("backup", container=jobs).returncode == 0
        grant = 'mysql -uroot -p"$(cat /run/secrets/mysql_root_password)" --host=127.0.0.1'
        grant += " -e 'GRANT ALL ON `todomate\\_drill`.* TO todomate'"
        stack.compose("exec", "-T", "mysql", "sh", "-c", grant)
        drill = stack.manage("restore", "--drill", container=jobs)
        assert drill.returncode == 0, drill.stderr
    finally:
        stack.take_down()
