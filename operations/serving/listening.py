"""The address of gunicorn, and the web container that nginx forwards requests to.

Behind nginx each container listens on a separate unix socket, in one folder that all share
(`BIND=unix:/run/todomate/{hostname}.sock`). nginx uses one name there, `web.sock`, a symbolic link
to the socket of the active container. Renaming another link over it activates another container:
no configuration is reloaded, and at no moment is there no server.

This module does not load the settings, so that the health check is quick.
"""

import os
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from core.environment import text, words

DEFAULT = "127.0.0.1:8000"
ACTIVE = "web.sock"
READY = "/api/v1/health/ready/"
ANSWER_TIMEOUT = 5  # seconds
# The address to connect to a server that listens on all addresses.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not listened on


def bind_address() -> str:
    """Return BIND for gunicorn: HOST:PORT or unix:PATH. {hostname} is this container's name."""
    return text("BIND", DEFAULT).replace("{hostname}", socket.gethostname())


def socket_path(address: str) -> Path | None:
    """Return the path of a unix socket, or None if the address is HOST:PORT."""
    return Path(address.removeprefix("unix:")) if address.startswith("unix:") else None


def allowed_host() -> str:
    """Return a host name that the settings allow: the server answers to no other."""
    names = words("ALLOWED_HOSTS", [text("DOMAIN"), "localhost"])
    return next(name.removeprefix(".") for name in [*names, "localhost"] if name.strip("*"))


class UnixConnection(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_TIMEOUT)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def open_connection(address: str) -> HTTPConnection:
    """Return a connection to an address in the form of bind_address().

    `https://HOST:PORT` is our own nginx on this machine, whose certificate has another name.
    """
    if address.startswith("https://"):
        host, _, port = address.removeprefix("https://").partition(":")
        context = ssl._create_unverified_context()  # noqa: S323  # only the status is used
        return HTTPSConnection(host, int(port), timeout=ANSWER_TIMEOUT, context=context)
    if path := socket_path(address):
        return UnixConnection(path)
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    return HTTPConnection(LOOPBACK.get(host, host), int(port), timeout=ANSWER_TIMEOUT)


def readiness_problem(address: str) -> str:
    """Return why the server at this address cannot take requests, or an empty string."""
    connection = open_connection(address)
    try:
        headers = {"Host": allowed_host(), "X-Forwarded-Proto": "https"}
        connection.request("GET", READY, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
        return "" if answer.status == 200 else f"{answer.status} {body}"
    except (OSError, HTTPException) as error:
        return f"no answer at {address}: {error}"
    finally:
        connection.close()


def has_listener(path: Path) -> bool:
    """Return whether a server listens on a unix socket or on the target of a link to one."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_TIMEOUT)
        try:
            client.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:  # for example a timeout: it is busy
            return True
    return True


def is_older(path: Path, than: Path) -> bool:
    """Return whether the socket at `path`, or its target, is missing or older than `than`."""
    try:
        return path.stat().st_mtime_ns < than.stat().st_mtime_ns
    except FileNotFoundError:
        return True


def activate(own: Path) -> None:
    """Make nginx forward requests to the socket `own`, atomically."""
    link = own.with_name(ACTIVE)
    new_link = own.with_name(f".{own.name}.{os.getpid()}")  # two health checks may run at once
    new_link.unlink(missing_ok=True)
    new_link.symlink_to(own.name)
    new_link.replace(link)
