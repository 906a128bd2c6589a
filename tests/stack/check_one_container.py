"""Test the image as a whole server in one container, behind real proxies (`make image`)."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import httpx
import pytest

from tests.doctor.certificates import Authority
from tests.server import ROOT, free_port
from tests.stack.stack import IMAGE, docker, inspect, run, wait_for

# What docs/self-host.md recommends. All capabilities are dropped, and /tmp is in memory.
CLOSED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL")  # noqa: S108  # in the container
PERSON = {"email": "me@example.org", "password": "a-long-one-for-tests", "nickname": "Me"}
DOMAIN = "localhost"
PROXIES = {
    "nginx": """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{
      proxy_pass http://127.0.0.1:{to};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
""",
    "caddy": """
{{
  admin off
  auto_https off
}}
https://localhost:{port} {{
  bind 127.0.0.1
  tls {certificate} {key}
  reverse_proxy 127.0.0.1:{to}
}}
""",
}
COMMANDS = {
    "nginx": ["nginx", "-c", "{file}"],
    "caddy": ["caddy", "run", "--adapter", "caddyfile", "--config", "{file}"],
}


class Whole:
    """A container of the image with a volume, on a port of this machine."""

    def __init__(self, volume: str, *options: str, **settings: str) -> None:
        self.port = free_port()
        environment = [word for pair in settings.items() for word in ("--env", "=".join(pair))]
        self.name = docker(
            *("run", "--detach", *CLOSED, "--volume", f"{volume}:/data"),
            *("--publish", f"127.0.0.1:{self.port}:8000", *environment, *options, IMAGE),
        )

    def wait_until_ready(self) -> float:
        """Return the seconds it took."""
        began = time.monotonic()
        probe = ("docker", "exec", self.name, "python", "-m", "todomate.probe")
        wait_for(lambda: run(*probe, check=False).returncode == 0, "it is ready")
        return time.monotonic() - began

    def manage(self, *words: str) -> str:
        return docker("exec", self.name, "python", "manage.py", *words)

    def logs(self) -> str:
        done = run("docker", "logs", self.name)
        return done.stdout + done.stderr

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}/api/v1/", timeout=20)

    def remove(self) -> None:
        docker("rm", "--force", self.name)


@contextmanager
def whole(volume: str, *options: str, **settings: str) -> Iterator[Whole]:
    container = Whole(volume, *options, **settings)
    try:
        container.wait_until_ready()
        yield container
    finally:
        container.remove()


@pytest.fixture
def volume() -> Iterator[str]:
    name = docker("volume", "create")
    yield name
    docker("volume", "rm", "--force", name)


def sign_in(client: httpx.Client) -> httpx.Response:
    return client.post("auth/token/", json={name: PERSON[name] for name in ("email", "password")})


def test_one_line_is_a_server_that_survives_a_kill_and_an_upgrade(volume: str) -> None:
    first = Whole(volume)
    try:
        seconds = first.wait_until_ready()
        # Only printed: a busy engine may give up on it.
        usage = ("stats", "--no-stream", "--format", "{{.MemUsage}}", first.name)
        memory = docker(*usage, check=False)
        sys.stdout.write(f"\nOne container is ready after {seconds:.1f} s and uses {memory}.\n")
        with first.client() as client:
            assert client.post("auth/signup/", json=PERSON).status_code == 201
            assert client.get("", headers={"Host": "evil.example"}).status_code == 400
        listing = docker("exec", first.name, "stat", "-c", "%a %u %n", *SECRETS)
        assert listing.splitlines() == [f"600 10001 {path}" for path in SECRETS]
        keys = docker("exec", first.name, "cat", *SECRETS)
        wait_for(lambda: first.manage("restore", "--list"), "the first backup")
        assert "identical to the backup" in first.manage("restore", "--drill")
        assert "everything is lost" not in first.logs()
        assert "0 errors" not in (said := first.manage("doctor"))
        assert "error [" not in said
        docker("kill", "--signal", "KILL", first.name)
        docker("start", first.name)
        first.wait_until_ready()
        with first.client() as client:
            assert sign_in(client).status_code == 200
        began = time.monotonic()
        docker("stop", "-t", "10", first.name)  # Docker's default
        sys.stdout.write(f"It stops in {time.monotonic() - began:.1f} s.\n")
        assert inspect(first.name, "State")["ExitCode"] == 0, first.logs()
    finally:
        first.remove()
    with whole(volume) as second, second.client() as client:  # a new container, as of an upgrade
        assert sign_in(client).status_code == 200
        assert docker("exec", second.name, "cat", *SECRETS) == keys
        assert "The database is up to date." in second.logs()


SECRETS = ("/data/secrets/jwt_signing_key", "/data/secrets/secret_key")


def test_the_commands_of_the_guide_restore_a_backup_in_place(volume: str) -> None:
    with whole(volume) as server, server.client() as client:
        assert client.post("auth/signup/", json=PERSON).status_code == 201
        server.manage("backup")
        assert client.post("auth/signup/", json=PERSON | {"email": "b@example.org"}).is_success
        docker("stop", "-t", "10", server.name)
    once = ("run", "--rm", "--volume", f"{volume}:/data", IMAGE)
    guide = (ROOT / "docs" / "self-host.md").read_text("utf-8")
    (put_aside,) = re.findall(r"sh -c \\\n  '(.+)'", guide)
    for _ in range(2):
        docker(*once, "sh", "-c", put_aside)
        said = docker(*once, "python", "manage.py", "restore", "--into", "todomate.sqlite3")
        assert "identical to the backup" in said
    with whole(volume) as server, server.client() as client:
        assert sign_in(client).status_code == 200
        gone = {"email": "b@example.org", "password": PERSON["password"]}
        assert client.post("auth/token/", json=gone).status_code == 401


def test_two_that_start_at_once_on_a_new_volume_share_it(volume: str) -> None:
    one, other = Whole(volume), Whole(volume)
    try:
        one.wait_until_ready()
        other.wait_until_ready()
        with one.client() as client:
            access = client.post("auth/signup/", json=PERSON).json()["access"]
        with other.client() as client:
            bearer = {"Authorization": f"Bearer {access}"}
            assert client.get("me/", headers=bearer).status_code == 200
    finally:
        one.remove()
        other.remove()


def test_a_volume_of_another_account_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    folder = ("--volume", f"{tmp_path}/data:/data")
    name = docker("run", "--detach", *CLOSED, *folder, IMAGE)
    try:
        wait_for(lambda: inspect(name, "State")["Status"] == "exited", "it ends")
        assert inspect(name, "State")["ExitCode"] == 1
        done = run("docker", "logs", name)
        assert "chown 10001:10001" in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
    finally:
        docker("rm", "--force", name)


@pytest.fixture(scope="module")
def behind() -> Iterator[Whole]:
    name = docker("volume", "create")
    with whole(name, DOMAIN=DOMAIN, TRUSTED_PROXIES="1") as container:
        yield container
    docker("volume", "rm", "--force", name)


@contextmanager
def proxy(kind: str, folder: Path, to: int) -> Iterator[httpx.Client]:
    """Run a proxy with TLS on a free port; the value is a client that trusts it."""
    certificate, key = Authority(folder, "ca").issue(DOMAIN)
    places = {"folder": folder, "port": free_port(), "to": to}
    places |= {"certificate": certificate, "key": key}
    file = folder / f"{kind}.conf"
    file.write_text(PROXIES[kind].format(**places))
    folder.chmod(0o755)
    command = [word.format(file=file) for word in COMMANDS[kind]]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={"PATH": PATH, "HOME": str(folder)}
        )
    trusted = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    address = f"https://{DOMAIN}:{places['port']}"
    try:
        with httpx.Client(base_url=address, verify=trusted, timeout=20) as client:
            wait_for(lambda: answers(client), f"{kind} forwards: {(folder / 'out').read_text()}")
            yield client
    finally:
        process.terminate()
        process.wait(20)


PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/v1/health/ready/").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("kind", list(PROXIES))
def test_behind_a_proxy_it_knows_the_client_the_scheme_and_its_name(
    kind: str, behind: Whole, tmp_path: Path
) -> None:
    if not which(kind, path=PATH):
        assert not os.environ.get("CI"), f"scripts/system-packages nginx caddy: {kind} is missing"
        pytest.skip(f"{kind} is not installed")
    person: dict[str, Any] = PERSON | {"email": f"{kind}@example.org"}
    with proxy(kind, tmp_path, behind.port) as client:
        tokens = client.post("/api/v1/auth/signup/", json=person).json()
        bearer = {"Authorization": f"Bearer {tokens['access']}"}
        for number in range(2):
            body = {"title": f"goal {number}"}
            assert client.post("/api/v1/goals/", json=body, headers=bearer).status_code == 201
        page = client.get("/api/v1/goals/?page_size=1", headers=bearer)
        assert page.json()["next"].startswith(f"https://{DOMAIN}")
        assert page.headers["Strict-Transport-Security"]
        # A client cannot choose its address, for it is the last entry that counts.
        forged = {"X-Forwarded-For": "203.0.113.9"}
        wrong = {"email": person["email"], "password": "wrong-one-wrong"}
        assert client.post("/api/v1/auth/token/", json=wrong, headers=forged).status_code == 401
        assert "203.0.113.9" not in behind.logs()
        evil = client.get("/api/v1/", headers={"Host": "evil.example"})
        assert evil.status_code in (400, 421) or evil.content == b""  # Caddy serves no such site
        admin = client.get("/admin/login/")
        assert admin.status_code == 200
        assert "__Host-csrftoken" in admin.headers["Set-Cookie"]
        form = {"username": "x@example.org", "password": "x" * 12, "next": "/admin/"}
        form["csrfmiddlewaretoken"] = admin.text.partition('name="csrfmiddlewaretoken" value="')[
            2
        ].partition('"')[0]
        same = {"Referer": str(client.base_url), "Origin": str(client.base_url).rstrip("/")}
        assert client.post("/admin/login/", data=form, headers=same).status_code == 200


def test_without_tls_in_front_the_api_refuses_and_pages_redirect(behind: Whole) -> None:
    plain = {"Host": DOMAIN, "X-Forwarded-Proto": "http"}
    with behind.client() as client:
        answer = client.get("", headers=plain)
        assert (answer.status_code, answer.json()["code"]) == (403, "https_required")
