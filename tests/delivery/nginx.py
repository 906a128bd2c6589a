"""A real nginx with the configuration of production, on free ports of this machine."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.delivery.template import ROOT
from tests.doctor.certificates import Authority
from tests.server import free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def configuration(folder: Path, web: str, photos: Path) -> int:
    """Write the configuration to `folder`, with its own paths and ports; return the port of TLS."""
    certificate, key = Authority(folder, "authority").issue("localhost")
    port = free_port()
    for path in (ROOT / "nginx").glob("*.conf"):
        text = path.read_text("utf-8").replace("alias /photos/", f"alias {photos}/")
        (folder / path.name).write_text(text, "utf-8")
    text = (ROOT / "nginx" / "nginx.conf").read_text("utf-8")
    for pattern, value in (
        (r"pid \S+;", f"pid {folder}/nginx.pid;" + ("user root;" if os.getuid() == 0 else "")),
        (r"listen 8080 default_server;", f"listen 127.0.0.1:{free_port()};"),
        (r"listen 8443 ssl default_server;", f"listen 127.0.0.1:{port} ssl;"),
        (r"http2 on;", ""),  # Debian's nginx is older
        (r"server unix:\S+ ", f"server {web} "),
        (r"/srv/tls/fullchain.pem", str(certificate)),
        (r"/srv/tls/privkey.pem", str(key)),
        (r"/var/cache/todomate/", f"{folder}/"),
        (r"access_log \S+ line;", f"access_log {folder}/access.log line;"),
        (r"error_log \S+ alert;", f"error_log {folder}/error.log alert;"),
    ):
        text, count = re.subn(pattern, value, text)
        assert count, pattern
    (folder / "nginx.conf").write_text(text, "utf-8")
    return port


@contextmanager
def running_nginx(folder: Path, web: str, photos: Path) -> Iterator[str]:
    """Start nginx in front of the address `web` ("127.0.0.1:8000") and yield its own address."""
    assert NGINX is not None
    port = configuration(folder, web, photos)
    command = [NGINX, "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for_port(port, process, folder / "nginx.log")
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)  # nothing listens yet; there is no event to wait for
        else:
            return
    raise AssertionError(f"nginx did not start:\n{log.read_text()}")
