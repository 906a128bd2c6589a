"""The whole production server: deploy.sh, docker-compose.prod.yml and the image in containers.

IMAGE is the local image to test. The container engine must have the other images in the compose
files (nginx, redis, mysql), or be able to pull them.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.doctor.certificates import Authority
from tests.replicas.servers import wait_for
from tests.server import free_port

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs each request
ROOT = Path(__file__).resolve().parents[2]
IMAGE = os.environ.get("IMAGE", "localhost/todomate:try")
KIT = (
    "deploy.sh",
    "docker-compose.prod.yml",
    "docker-compose.mysql.yml",
    "nginx",
    "scripts/restore",
    ".env.example",
)
DATABASE = "mysql://todomate:{password}@{host}:3306/todomate"


def run(*command: str, check: bool = True, **more: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900, **more)
    assert not check or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def docker(*arguments: str, check: bool = True) -> str:
    return run("docker", *arguments, check=check).stdout.strip()


def inspect(container: str, what: str) -> Any:
    """Return a part of the engine's information about a container."""
    return json.loads(docker("inspect", "--format", "{{json ." + what + "}}", container))


def digest(image: str) -> str:
    """Return the name of the image with its digest, for deploy.sh."""
    return json.loads(docker("image", "inspect", "--format", "{{json .RepoDigests}}", image))[0]


class Stack:
    """A server's folder, with free ports, certificates and a Compose project of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.project = folder, f"todomate-{os.getpid()}"
        self.https, self.http = free_port(), free_port()
        for name in KIT:
            (folder / name).parent.mkdir(exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
        shutil.copy(ROOT / "tests" / "stack" / "database.yml", folder)
        self.environment = os.environ | {"COMPOSE_PROJECT_NAME": self.project}
        self.deploy("init")
        self.certify()
        self.configure()

    @property
    def address(self) -> str:
        return f"https://localhost:{self.https}"

    def certify(self) -> None:
        """Create certificates for nginx and for the database, of two authorities."""
        folder = self.folder / "certificates"
        folder.mkdir()
        for name, host, target in (
            ("web", "localhost", "tls"),
            ("database", "rds.todomate.test", "certificates"),
        ):
            certificate, key = Authority(folder, f"{name}-ca").issue(host)
            names = (
                ("fullchain.pem", "privkey.pem")
                if target == "tls"
                else ("database.crt", "database.key")
            )
            certificate.rename(self.folder / target / names[0])
            key.rename(self.folder / target / names[1])
        self.ca = folder / "web-ca.pem"
        for path in folder.iterdir():
            path.chmod(0o644)

    def configure(self) -> None:
        settings = {
            "DOMAIN": "localhost",
            "HTTP_PORT": str(self.http),
            "HTTPS_PORT": str(self.https),
            "COMPOSE_FILE": "docker-compose.prod.yml:database.yml",
            "MYSQL_CA": "/certificates/database-ca.pem",
        }
        (self.folder / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in settings.items())
        )
        self.password = "of-the-tests-alone"
        secrets = {"mysql_password": self.password, "database_url": self.database_url()}
        for name, value in secrets.items():
            (self.folder / "secrets" / name).write_text(value)
            (self.folder / "secrets" / name).chmod(0o444)

    def database_url(self, host: str = "rds.todomate.test") -> str:
        return DATABASE.format(password=self.password, host=host)

    def deploy(
        self, *arguments: str, check: bool = True, **more: str
    ) -> subprocess.CompletedProcess[str]:
        return run(
            str(self.folder / "deploy.sh"), *arguments, check=check, env=self.environment | more
        )

    def compose(self, *arguments: str) -> str:
        return self.deploy("compose", "--progress", "quiet", *arguments).stdout

    def start_databases(self) -> None:
        self.compose("up", "--detach", "rds", "plain")
        for name in ("rds", "plain"):
            ping = ("exec", "-T", name, "mysqladmin", "--host=127.0.0.1", "ping", "--silent")
            wait_for(
                lambda ping=ping: self.deploy("compose", *ping, check=False).returncode == 0,
                f"{name} starts",
            )

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "--quiet", "--all", service).split()

    def web(self) -> str:
        """Return the id of the only web container."""
        (web,) = self.containers("web")
        return web

    def client(self, **more: Any) -> httpx.Client:
        """Return a client that only trusts nginx's authority."""
        trusted = ssl.create_default_context(cafile=str(self.ca))
        return httpx.Client(base_url=self.address, verify=trusted, timeout=30, **more)

    def manage(
        self, *arguments: str, container: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` in the web container or another one, with more settings."""
        settings = [word for pair in environment.items() for word in ("--env", "=".join(pair))]
        return run(
            "docker",
            "exec",
            *settings,
            container or self.web(),
            "python",
            "manage.py",
            *arguments,
            check=False,
        )

    def take_down(self) -> None:
        self.deploy("compose", "--progress", "quiet", "kill", check=False)
        self.deploy("compose", "--progress", "quiet", "down", "--volumes", check=False)


@contextmanager
def standing(folder: Path, **settings: str) -> Iterator[Stack]:
    """Run a stack with IMAGE in service and these settings, and remove it at the end."""
    stack = Stack(folder)
    stack.environment |= settings
    try:
        stack.start_databases()
        stack.deploy(digest(IMAGE))
        yield stack
    finally:
        stack.take_down()
