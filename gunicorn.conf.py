"""Configuration of gunicorn, which reads this file if it is started here.

Options on its command line override it.

Workers have threads, because a thread that waits for the database costs almost nothing. With MySQL
each thread holds a connection, so there are workers × threads of them.
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
from operations.serving.listening import bind_address

STATIC_LIFETIME = 30 * 86_400  # seconds

try:
    bind = bind_address()
    workers = whole_number("WEB_CONCURRENCY", 2, 1, 64)
    threads = whole_number("WEB_THREADS", 4, 1, 64)
    loglevel = word("LOG_LEVEL", "INFO", LEVELS).lower()
except ImproperlyConfigured as error:
    sys.exit(str(error))

wsgi_app = "todomate.wsgi:application"

worker_class = "operations.serving.worker.Worker"

timeout = 30  # a worker that is stuck for this long is replaced
graceful_timeout = 25  # for requests that are running at SIGTERM; our Compose file waits 30 s
keepalive = 75  # longer than the 60 s of proxies and load balancers, so that they disconnect first

limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190

# Gunicorn trusts no proxy about the scheme; TRUSTED_PROXIES in the settings says which are trusted.
forwarded_allow_ips = ""
control_socket_disable = True
accesslog = None  # the proxy writes one; `--access-logfile -` turns it on
errorlog = "-"
logger_class = "operations.serving.logs.Logger"

# Heartbeat files of the workers are in memory: on a slow disk workers would seem to be stuck.
if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):  # noqa: S108  # memory
    worker_tmp_dir = "/dev/shm"  # noqa: S108  # memory


def child_exit(server: Any, worker: Any) -> None:
    """Forget the connections of a worker that has ended."""
    # Imported here because gunicorn loads the worker's module after this file.
    from operations.serving.worker import connection_counts  # noqa: PLC0415  # as above

    connection_counts.clear(worker.age)


def on_starting(server: Any) -> None:
    """Check the settings once, before every worker fails with the same error."""
    try:
        # An import would not read them again when the workers are reloaded.
        settings = runpy.run_module("todomate.settings")
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    if shared := text("SHARED_STATIC"):
        publish(settings["STATIC_ROOT"], Path(shared))


def publish(source: Path, shared: Path) -> None:
    """Copy this release's static files to where nginx serves them.

    Files of other releases are kept for a month after the last release: pages loaded before a
    release request them after it. Their names differ.
    """
    times = [path.stat().st_mtime for path in shared.rglob("*") if path.is_file()]
    oldest = max(times, default=time.time()) - STATIC_LIFETIME
    shutil.copytree(source, shared, dirs_exist_ok=True, copy_function=copy_atomically)
    for path in shared.rglob("*"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)  # two containers may start at once


def copy_atomically(source: str, target: str) -> str:
    """Copy a file, so that no reader sees a part of it. Its name has a hash of its content."""
    if Path(target).exists() and Path(target).stat().st_size == Path(source).stat().st_size:
        os.utime(target)
        return target
    temporary = Path(f"{target}.{socket.gethostname()}.{os.getpid()}")
    shutil.copyfile(source, temporary)
    temporary.replace(target)
    return target
