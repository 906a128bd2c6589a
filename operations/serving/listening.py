"""Where gunicorn listens, and which of several web containers nginx speaks to.

Behind nginx each container listens on a unix socket of its own, in one folder that all share
(`BIND=unix:/run/todomate/{hostname}.sock`). nginx knows one name there, `web.sock`, a symbolic link to the socket of
the container that is in charge. Putting another one in charge is one rename: no configuration changes, nothing is
reloaded, and no request meets a moment without a server.

This module does not load the settings, so that a probe is quick.
"""

import os
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from core.environment import text, words

DEFAULT = "127.0.0.1:8000"
IN_CHARGE = "web.sock"
READY = "/api/v1/health/ready/"
ANSWER_TIMEOUT = 5  # seconds


def bind() -> str:
    """BIND as gunicorn takes it: HOST:PORT or unix:PATH, with the container's name for {hostname}."""
    return text("BIND", DEFAULT).replace("{hostname}", socket.gethostname())


def unix_socket(address: str) -> Path | None:
    """The path of a unix socket; None where the address is HOST:PORT."""
    return Path(address.removeprefix("unix:")) if address.startswith("unix:") else None


def own_host() -> str:
    """A host name that the settings allow: the server answers no other."""
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


def connection(address: str) -> HTTPConnection:
    """To the server at an address like that of bind(); one that listens everywhere is asked on loopback.

    `https://HOST:PORT` is our own nginx beside it, whose certificate is for another name than its host's here.
    """
    if address.startswith("https://"):
        unverified = ssl._create_unverified_context()  # noqa: S323  # nothing is told to it, and it is not believed in anything
        host, _, port = address.removeprefix("https://").partition(":")
        return HTTPSConnection(host, int(port), timeout=ANSWER_TIMEOUT, context=unverified)
    if path := unix_socket(address):
        return UnixConnection(path)
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    return HTTPConnection(
        {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), int(port), timeout=ANSWER_TIMEOUT
    )  # noqa: S104  # asked, not bound


def trouble(address: str) -> str:
    """Why the server at this address cannot take requests; empty when it can."""
    asked = connection(address)
    try:
        asked.request("GET", READY, headers={"Host": own_host(), "X-Forwarded-Proto": "https"})
        answer = asked.getresponse()
        body = answer.read().decode(errors="replace")
        return "" if answer.status == 200 else f"{answer.status} {body}"
    except (OSError, HTTPException) as error:
        return f"no answer at {address}: {error}"
    finally:
        asked.close()


def is_listened_to(path: Path) -> bool:
    """Whether there is a server at a unix socket, or at one that a link leads to; one that is busy is there."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(ANSWER_TIMEOUT)
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            return True
    return True


def is_older(path: Path, than: Path) -> bool:
    """Whether the server at `path`, or at what a link there leads to, began to listen before the one at `than`."""
    try:
        return path.stat().st_mtime_ns < than.stat().st_mtime_ns
    except FileNotFoundError:
        return True


def take_charge(own: Path) -> None:
    """From now on nginx speaks to the socket `own`. At every moment the name leads to one server or the other."""
    link = own.with_name(IN_CHARGE)
    draft = own.with_name(f".{own.name}.{os.getpid()}")  # two probes may do this at once
    draft.unlink(missing_ok=True)
    draft.symlink_to(own.name)
    draft.replace(link)
