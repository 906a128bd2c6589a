"""Test the stack of containers: their rights, nginx, and the connection to the database."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import httpx
import pytest

from core.pagination import MAX_PAGE_BYTES
from tests.base import new_id
from tests.photos.pictures import jpeg
from tests.stack.load import PASSWORD
from tests.stack.stack import Stack, docker, inspect, run, standing
from tests.week.test_week import live_a_week

MIB = 1024 * 1024
WRONG = {"email": "nobody@example.com", "password": "wrong", "device": "phone"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with standing(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with stack.client() as client:
        yield client


def line_to(stack: Stack) -> ssl.SSLSocket:
    """Return a TLS connection with the smallest receive buffer of the kernel."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(20)
    line.connect(("localhost", stack.https))
    return ssl.create_default_context(cafile=str(stack.ca)).wrap_socket(
        line, server_hostname="localhost"
    )


def much(client: httpx.Client) -> bytes:
    """Return a request whose answer has 6 MB: diaries of a new user, with escaped characters."""
    account = {
        "id": new_id(),
        "email": f"{new_id()}@example.com",
        "password": PASSWORD,
        "nickname": "much",
    }
    me = client.post("/api/v1/auth/signup/", json=account).raise_for_status().json()
    word = {"Authorization": f"Bearer {me['access']}"}
    for day in range(50):
        diary = {"id": new_id(), "date": f"{2000 + day}-01-01", "body": "\x01" * 20_000}
        client.post("/api/v1/diaries/", json=diary, headers=word).raise_for_status()
    head = f"Host: localhost\r\nAuthorization: {word['Authorization']}\r\nConnection: close\r\n\r\n"
    return f"GET /api/v1/diaries/?page_size=200 HTTP/1.1\r\n{head}".encode()


def memory_of(container: str) -> int:
    """Return the anonymous memory of a container's processes, in bytes."""
    lines = docker(
        "exec", container, "sh", "-c", "grep -h ^RssAnon /proc/[0-9]*/status"
    ).splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines)


class TestContainers:
    @pytest.mark.parametrize(
        ("service", "user", "memory"), [("web", "10001", 384), ("jobs", "10001", 160)]
    )
    def test_they_run_without_rights_and_with_a_read_only_root(
        self, stack: Stack, service: str, user: str, memory: int
    ) -> None:
        (container,) = stack.containers(service)
        assert inspect(container, "State")["Running"]
        status = docker("exec", container, "cat", "/proc/1/status")
        words = {
            line.split()[0]: line.split()[1]
            for line in status.splitlines()
            if len(line.split()) > 1
        }
        assert (words["Uid:"], words["CapEff:"], words["CapBnd:"]) == (user, "0" * 16, "0" * 16)
        assert words["NoNewPrivs:"] == "1"
        host = inspect(container, "HostConfig")
        assert (host["ReadonlyRootfs"], host["Memory"]) == (True, memory * MIB)
        refused = run("docker", "exec", container, "touch", "/app/x", check=False)
        assert "Read-only file system" in refused.stderr
        docker("exec", container, "touch", "/tmp/x")  # noqa: S108  # in the container

    def test_nginx_and_redis_run_without_rights(self, stack: Stack) -> None:
        for service in ("nginx", "redis"):
            (container,) = stack.containers(service)
            words = docker("exec", container, "cat", "/proc/1/status").split()
            assert words[words.index("CapEff:") + 1] == "0" * 16
            assert words[words.index("Uid:") + 1] != "0"
            assert inspect(container, "HostConfig")["ReadonlyRootfs"]

    def test_concurrent_sign_ins_do_not_exhaust_the_memory_of_web(self, stack: Stack) -> None:
        def sign_in(number: int) -> int:
            with stack.client() as client:
                return client.post(
                    "/api/v1/auth/token/", json=WRONG | {"email": f"{number}@example.com"}
                ).status_code

        with ThreadPoolExecutor(16) as people:
            assert set(people.map(sign_in, range(48))) == {401}
        assert 0 < memory_of(stack.web()) < 192 * MIB

    def test_status_prints_the_release_in_service(self, stack: Stack) -> None:
        report = stack.deploy("status").stdout
        assert f"In service: web {stack.web()[:12]}, ready" in report


class TestNginx:
    def test_the_week_over_tls(self, stack: Stack) -> None:
        with mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(stack.ca)}):
            live_a_week(stack.address)

    def test_http_2_and_gzip(self, stack: Stack) -> None:
        with stack.client(http2=True) as client:
            answer = client.get("/api/schema/", headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")

    def test_http_redirects_pages_to_https(self, stack: Stack) -> None:
        answer = httpx.get(f"http://localhost:{stack.http}/admin/?a=b", follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (
            308,
            "https://localhost/admin/?a=b",
        )

    def test_http_refuses_the_api_and_sends_nobody_elsewhere(self, stack: Stack) -> None:
        api = httpx.get(f"http://localhost:{stack.http}/api/v1/", follow_redirects=False)
        assert (api.status_code, api.json()["code"]) == (403, "https_required")
        other = httpx.get(
            f"http://localhost:{stack.http}/",
            headers={"Host": "evil.example"},
            follow_redirects=False,
        )
        assert (other.status_code, "Location" in other.headers) == (400, False)

    def test_nginx_serves_static_files(self, stack: Stack, client: httpx.Client) -> None:
        page = client.get("/api/docs/").text
        path = next(
            word
            for word in page.split('"')
            if word.endswith(".css") and word.startswith("/static/")
        )
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert "immutable" in answer.headers["Cache-Control"]
        log = stack.compose("logs", "--no-log-prefix", "nginx")
        (line,) = [line for line in log.splitlines() if path in line]
        assert '"upstream_seconds":""' in line, "nginx forwarded it to web"

    def test_a_photo_is_uploaded_and_its_picture_fetched(self, client: httpx.Client) -> None:
        account = {"id": new_id(), "email": f"{new_id()}@example.com", "nickname": "photos"}
        signed_up = client.post("/api/v1/auth/signup/", json=account | {"password": PASSWORD})
        access = signed_up.raise_for_status().json()["access"]
        client.headers["Authorization"] = f"Bearer {access}"
        photo = f"/api/v1/photos/{(pk := new_id())}/"
        kind = {"Content-Type": "image/jpeg"}
        uploaded = client.put(photo, content=jpeg(1200, 900), headers=kind)
        assert uploaded.status_code == 201, uploaded.text
        assert client.put(photo, content=b"", headers=kind).status_code == 200
        diary = {"id": new_id(), "date": "2030-01-07", "photos": [pk]}
        [shown] = client.post("/api/v1/diaries/", json=diary).raise_for_status().json()["photos"]
        del client.headers["Authorization"]
        for name in ("url", "small_url"):
            path = shown[name][shown[name].index("/api/") :]
            picture = client.get(path)
            assert picture.status_code == 200, picture.text
            assert picture.headers["Content-Type"] == "image/webp"
            assert picture.content[8:12] == b"WEBP"
            part = client.get(path, headers={"Range": "bytes=0-9"})
            assert (part.status_code, part.content) == (206, picture.content[:10])
            assert client.get(path[:-1]).status_code == 404

    def test_forged_addresses_do_not_evade_the_limit_of_attempts(
        self, client: httpx.Client
    ) -> None:
        statuses = []
        for number in range(12):
            forged = {
                "X-Forwarded-For": f"203.0.113.{number}",
                "Forwarded": "for=203.0.113.9",
                "X-Real-IP": "1.2.3.4",
            }
            statuses.append(
                client.post("/api/v1/auth/token/", json=WRONG, headers=forged).status_code
            )
        assert statuses == [401] * 10 + [429] * 2

    def test_a_body_of_11_mb_is_a_413_in_the_requested_language(self, client: httpx.Client) -> None:
        for language, title in (("ko-KR,ko;q=0.9,en;q=0.8", "너무 큽니다"), ("en", "Too large")):
            headers = {"Accept-Language": language, "Content-Type": "application/json"}
            answer = client.post("/api/v1/auth/token/", content=b"x" * 11 * MIB, headers=headers)
            assert answer.status_code == 413
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert (answer.json()["code"], answer.json()["title"]) == ("payload_too_large", title)
        assert client.get("/api/v1/").status_code == 200

    def test_slow_clients_hold_no_threads(self, stack: Stack, client: httpx.Client) -> None:
        head = (
            b"POST /api/v1/auth/token/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
        )
        slow = [
            line_to(stack) for _ in range(24)
        ]  # there are 8 threads; the limit per address is 32 requests
        for line in slow:
            line.sendall(head)
        assert [client.get("/api/v1/health/ready/").status_code for _ in range(20)] == [200] * 20
        slow[0].settimeout(30)
        assert b" 408 " in slow[0].recv(100) or slow[0].recv(1) == b"", "nginx did not close it"
        for line in slow:
            line.close()

    def test_clients_that_do_not_read_their_answers_hold_no_threads(
        self, stack: Stack, client: httpx.Client
    ) -> None:
        asked = much(client)
        slow = [line_to(stack) for _ in range(12)]
        for line in slow:
            line.sendall(asked)
            assert line.recv(1) == b"H", "no thread was free"
        quick = [client.get("/api/v1/health/ready/", timeout=10).status_code for _ in range(20)]
        assert quick == [200] * 20
        with slow[0].makefile("rb") as answer:
            body = answer.read().partition(b"\r\n\r\n")[2]
        shown = json.loads(body)["results"]  # no JSON, if the answer was not buffered completely
        # As many as fit into a page.
        assert sum(len(diary["body"]) for diary in shown) * 6 > MAX_PAGE_BYTES / 2
        for line in slow:
            line.close()

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ("none", "bad_request"),
            ("GET / HTTP/3.0", "bad_request"),
            (f"GET /{'a' * 9000} HTTP/1.1", "uri_too_long"),
        ],
        ids=["no-http", "version", "uri"],
    )
    def test_broken_requests_get_problem_documents(
        self, stack: Stack, asked: str, code: str
    ) -> None:
        for line in (
            line_to(stack),
            socket.create_connection(("localhost", stack.http), timeout=20),
        ):
            line.sendall(f"{asked}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            with line, line.makefile("rb") as answer:
                head, _, body = answer.read().partition(b"\r\n\r\n")
            assert b"Content-Type: application/problem+json" in head
            assert json.loads(body)["code"] == code

    def test_missing_files_get_problem_documents(self, stack: Stack, client: httpx.Client) -> None:
        for path in ("", "none"):
            answer = httpx.get(f"http://localhost:{stack.http}/.well-known/acme-challenge/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        page = client.get("/api/docs/").text
        path = next(
            word
            for word in page.split('"')
            if word.endswith(".css") and word.startswith("/static/")
        )
        for condition in ({"If-Match": '"none"'}, {"Range": "bytes=99999999-"}):
            answer = client.get(path, headers=condition | {"Accept-Encoding": "identity"})
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")

    def test_old_tls_and_plain_http_are_refused(self, stack: Stack) -> None:
        context = ssl.create_default_context(cafile=str(stack.ca))
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with (
            socket.create_connection(("localhost", stack.https)) as line,
            pytest.raises(ssl.SSLError),
        ):
            context.wrap_socket(line, server_hostname="localhost")
        answer = httpx.get(f"http://localhost:{stack.https}/api/v1/")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")

    def test_another_host_is_refused(self, client: httpx.Client) -> None:
        answer = client.get("/api/v1/", headers={"Host": "elsewhere.example"})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


class TestDatabase:
    """The driver only connects with verified TLS, and the doctor explains its errors."""

    @pytest.mark.parametrize(
        ("host", "ca", "code"),
        [
            ("rds.todomate.test", "database-ca", ""),
            ("rds.todomate.test", "web-ca", "tls-wrong-ca"),
            ("another-name.todomate.test", "database-ca", "tls-wrong-name"),
            ("plain.todomate.test", "database-ca", "tls-missing"),
        ],
    )
    def test_only_the_right_authority_and_name(
        self, stack: Stack, host: str, ca: str, code: str
    ) -> None:
        settings = {"DATABASE_URL_FILE": "", "DATABASE_URL": stack.database_url(host)}
        settings["MYSQL_CA"] = f"/certificates/{ca}.pem"
        told = stack.manage("doctor", "--before-deploy", **settings)
        assert (f"[{code}]" in told.stdout) if code else ("error" not in told.stdout), told.stdout
        assert told.returncode == bool(code)
        asked = stack.manage("migrate", "--check", **settings)
        assert (asked.returncode != 0) == bool(code)
        assert not code or "OperationalError: (2026" in asked.stderr, asked.stderr

    def test_the_connections_are_encrypted(self, stack: Stack) -> None:
        code = "from django.db import connection; cursor = connection.cursor();"
        code += " cursor.execute(\"SHOW STATUS LIKE 'Ssl_cipher'\"); print(cursor.fetchone()[1])"
        assert stack.manage("shell", "--no-imports", "-c", code).stdout.strip().startswith("TLS_")


def test_web_ends_promptly_on_sigterm_and_nginx_answers_503(
    stack: Stack, client: httpx.Client
) -> None:
    web = stack.web()
    docker("stop", "-t", "30", web)
    assert inspect(web, "State")["ExitCode"] == 0, "it was killed, so it did not handle the signal"
    answer = client.get("/api/v1/", headers={"Accept-Language": "ko"})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
        503,
        "busy",
        "5",
    )
    docker("start", web)
    run("docker", "exec", web, "python", "-m", "todomate.probe", check=False)


def test_other_accounts_cannot_read_secrets(stack: Stack) -> None:
    for path in (stack.folder / "secrets").iterdir():
        assert path.stat().st_mode & 0o777 == 0o400, path.name
    assert (Path(stack.folder) / "backups").stat().st_uid == 10001
