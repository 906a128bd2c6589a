"""How gunicorn serves. It reads this file by itself when it is started here; its options on the command line win.

Threads, not processes alone: a thread that waits for the database costs nothing. With MySQL each one holds a
connection, so that workers × threads is how many there are.
"""

import os
import runpy
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from core.environment import LEVELS, text, whole_number, word
from operations.serving.listening import bind as own_address

try:
    bind = own_address()
    workers = whole_number("WEB_CONCURRENCY", 2, 1, 64)
    threads = whole_number("WEB_THREADS", 4, 1, 64)
    loglevel = word("LOG_LEVEL", "INFO", LEVELS).lower()
except ImproperlyConfigured as error:
    sys.exit(str(error))

wsgi_app = "todomate.wsgi:application"

worker_class = (
    "operations.serving.worker.Worker"  # gthread that answers problem documents, never HTML
)

timeout = 30  # a worker that is stuck this long is replaced
graceful_timeout = (
    25  # what is being answered at SIGTERM may end; Docker waits for 30 s where it is told so
)
keepalive = 75  # longer than the 60 s of proxies and load balancers, so that it is they who hang up

limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190

# Nobody in front is believed about the scheme here; TRUSTED_PROXIES in the settings says who is.
forwarded_allow_ips = ""
control_socket_disable = True
accesslog = None  # a proxy writes one; `--access-logfile -` turns it on
errorlog = "-"

# The heartbeat files of workers: in memory, as a slow disk would look like a stuck worker.
if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):  # noqa: S108  # memory, not a shared /tmp
    worker_tmp_dir = "/dev/shm"  # noqa: S108  # as above


def child_exit(server: Any, worker: Any) -> None:
    """Connections are not left to a worker that has ended."""
    from operations.serving.worker import board  # noqa: PLC0415  # as gunicorn loads it: before the workers, not before this file

    board.erase(worker.age)


def on_starting(server: Any) -> None:
    """A setting that makes no sense is said once, in a sentence, before workers try and fail one after another."""
    try:
        settings = runpy.run_module(
            "todomate.settings"
        )  # run, not imported: a reload of the workers reads it afresh
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    if shared := text("SHARED_STATIC"):
        publish(settings["STATIC_ROOT"], Path(shared))


def publish(source: Path, shared: Path) -> None:
    """Put this release's static files where nginx finds them. Those of others stay for a month after the last release:
    their names differ, and pages that were loaded before a release ask for them after it.
    """
    before = [path.stat().st_mtime for path in shared.rglob("*") if path.is_file()]
    old = max(before, default=time.time()) - 30 * 86_400
    shutil.copytree(source, shared, dirs_exist_ok=True, copy_function=put)
    for path in shared.rglob("*"):
        if path.is_file() and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)  # two containers may start at once


def put(source: str, target: str) -> str:
    """Copy a file whose name holds its hash, so that nobody ever reads the half of it."""
    if Path(target).exists() and Path(target).stat().st_size == Path(source).stat().st_size:
        os.utime(target)
        return target
    draft = Path(f"{target}.{socket.gethostname()}.{os.getpid()}")
    shutil.copyfile(source, draft)
    draft.replace(target)
    return target
