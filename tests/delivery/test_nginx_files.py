"""Test that nginx and the server have the same limits, texts and trusted headers.

The behaviour of nginx is tested in tests/stack.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from uuid import UUID

import pytest
from django.conf import settings

from core.events import REQUEST_ID
from operations.serving.listening import ACTIVE
from operations.serving.receiving import MAX_UPLOAD
from photos.views import MAX_BYTES
from tests.delivery.compose import PROD, services
from tests.delivery.template import ROOT

NGINX = (ROOT / "nginx" / "nginx.conf").read_text()
PROXY = (ROOT / "nginx" / "proxy.conf").read_text()
PICTURES = (ROOT / "nginx" / "pictures.conf").read_text()
PROBLEMS = (ROOT / "nginx" / "problems.conf").read_text("utf-8")
# Headers with which a client could forge its address or scheme.
CLAIMS = (
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Ssl",
    "X-Forwarded-Protocol",
    "X-Real-IP",
    "Forwarded",
)


def test_its_own_answers_have_the_server_s_texts() -> None:
    env = os.environ | {"TODOMATE_ENV": "local", "DATABASE_URL": "sqlite://:memory:"}
    command = [sys.executable, "scripts/nginx_problems.py"]
    made = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=True
    ).stdout
    assert made == PROBLEMS, f"run {' '.join(command[1:])} again"


def test_both_ports_use_them() -> None:
    assert NGINX.count("listen ") == NGINX.count("include problems.conf;") == 2


def test_errors_before_the_path_is_read_do_not_use_a_named_location() -> None:
    """They would fail with "empty URI in redirect to named location" and nginx's own 500."""
    places = {
        status: place
        for statuses, place in re.findall(r"^error_page ([\d ]+) = (\S+);$", PROBLEMS, re.MULTILINE)
        for status in statuses.split()
    }
    assert {status for status, place in places.items() if place.startswith("/")} >= {
        "400",
        "414",
        "494",
        "505",
    }
    for place in places.values():
        exact = "= " if place.startswith("/") else ""
        assert f"location {exact}{place} {{\n{'    internal;' if exact else ''}" in PROBLEMS


@pytest.mark.parametrize(
    "statuses", [(400, 403, 404, 405, 412, 413, 414, 416), (494, 495, 496, 497), range(500, 506)]
)
def test_each_of_its_own_statuses_has_a_problem_document(statuses: Sequence[int]) -> None:
    for status in statuses:
        assert len(re.findall(rf"^error_page [\d ]*\b{status}\b", PROBLEMS, re.MULTILINE)) == 1, (
            status
        )


def test_its_limit_of_bodies_is_the_server_s() -> None:
    assert re.findall(r"client_max_body_size (\d+)m;", NGINX) == ["1"]
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 1024 * 1024
    uploads = (ROOT / "nginx" / "uploads.conf").read_text()
    assert re.findall(r"client_max_body_size (\d+)m;", uploads) == ["10"]
    assert MAX_BYTES == MAX_UPLOAD == 10 * 1024 * 1024
    path = re.findall(r'location ~ "(.*)"', uploads)[0]
    assert re.search(path, f"/api/v1/photos/{UUID(int=7)}/")
    assert not re.search(path, "/api/v1/photos/")


def test_clients_cannot_forge_their_address() -> None:
    headers = dict(re.findall(r"^proxy_set_header (\S+) (.*);$", PROXY, re.MULTILINE))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["X-Forwarded-Proto"] == "$scheme"
    for name in CLAIMS:
        assert headers[name] == '""', name
    assert services(PROD)["web"]["environment"]["TRUSTED_PROXIES"] == "${TRUSTED_PROXIES:-1}"


def test_all_requests_are_forwarded_with_these_headers() -> None:
    assert "proxy_pass" not in NGINX
    assert "proxy_set_header" not in NGINX
    assert PROXY.count("proxy_pass") == 1


def test_it_connects_to_the_active_socket_and_keeps_no_connection() -> None:
    folder = services(PROD)["web"]["environment"]["BIND"].removeprefix("unix:").rsplit("/", 1)[0]
    assert f"server unix:{folder}/{ACTIVE} " in NGINX
    assert not re.search(r"^\s*keepalive \d", NGINX, re.MULTILINE)
    assert "proxy_set_header Connection close;" in PROXY


def test_its_log_has_no_query_strings_and_no_paths_within_nginx() -> None:
    (form,) = re.findall(r"log_format .*?;", NGINX, re.DOTALL)
    assert '"path":"$path"' in form
    assert not re.search(r"\$(request|request_uri|uri|args|query_string|http_referer)\b", form)
    assert (
        'map $request_uri $path {\n        default "";\n        "~^(?<asked>[^?]*)" $asked;'
        in NGINX
    )


@pytest.mark.parametrize(
    "folder", ["/srv/tls", "/srv/acme", "/srv/static", "/photos", "/run/todomate"]
)
def test_its_folders_are_mounted(folder: str) -> None:
    mounted = {volume["target"] for volume in services(PROD)["nginx"]["volumes"]} - {"/tmp"}  # noqa: S108  # in the container
    assert folder in mounted
    # For static files the configuration has the parent folder, to which nginx appends the path.
    named = f"{folder.removesuffix('/static')};" if folder == "/srv/static" else folder
    assert named in NGINX + PICTURES


def test_pictures_are_sent_only_where_the_server_says_so() -> None:
    places = re.findall(r"^location .*?^}", PICTURES, re.DOTALL | re.MULTILINE)
    assert len(places) == 2
    assert PICTURES.count("proxy_pass $photo_url;") == PICTURES.count("proxy_pass ") == 1
    for place in places:
        assert "\n    internal;\n" in place
        for name in (*HEADERS, "X-Request-ID"):
            assert re.search(rf"^    add_header {name} .* always;$", place, re.MULTILINE), place
    assert "proxy_pass_request_headers off;" in PICTURES
    assert "proxy_ssl_verify on;" in PICTURES
    tls = NGINX[NGINX.index("listen 8443") :]
    assert NGINX.count("include pictures.conf;") == tls.count("include pictures.conf;") == 1


HEADERS = ("Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options")


def test_its_own_answers_have_the_security_headers() -> None:
    for place in re.findall(r"^location .*?^}", PROBLEMS, re.DOTALL | re.MULTILINE):
        for name in (*HEADERS, "Cache-Control", "X-Request-ID"):
            assert re.search(rf"^    add_header {name} .* always;$", place, re.MULTILINE), place
    (static,) = re.findall(r"location /static/ {.*?}", NGINX, re.DOTALL)
    for name in HEADERS:
        assert re.search(rf"add_header {name} .* always;", static), name
    assert "map $https $transport_security {" in NGINX


def test_nothing_is_redirected_to_the_host_that_a_client_names() -> None:
    for conf in (NGINX, PROXY, PROBLEMS, PICTURES):
        assert not re.search(r"return 30|https://\$", conf)


def test_the_api_is_not_redirected_from_http() -> None:
    plain = NGINX[NGINX.index("listen 8080") : NGINX.index("listen 8443")]
    assert "location /api/v1/ {\n            rewrite ^ /.problems/https_required last;" in plain
    assert '"code":"https_required"' in PROBLEMS


def test_its_log_has_the_request_id() -> None:
    (form,) = re.findall(r"log_format .*?;", NGINX, re.DOTALL)
    assert '"request_id":"$id"' in form
    assert "proxy_set_header X-Request-ID $id;" in PROXY
    (pattern,) = re.findall(r'"~\^(\S+)\$" \$http_x_request_id;', NGINX)
    assert pattern == REQUEST_ID.pattern


def test_tls_is_1_2_or_newer_with_forward_secrecy() -> None:
    assert re.findall(r"ssl_protocols (.*);", NGINX) == ["TLSv1.2 TLSv1.3"]
    (ciphers,) = re.findall(r"ssl_ciphers (.*);", NGINX)
    for cipher in ciphers.split(":"):
        assert re.match(r"ECDHE-(ECDSA|RSA)-.*(GCM|POLY1305)", cipher), cipher


def test_no_folder_is_listed() -> None:
    assert "autoindex" not in NGINX + PROXY + PROBLEMS + PICTURES
