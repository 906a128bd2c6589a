"""The image's command: `python -m operations.serving.start`.

It becomes gunicorn. In a server that is one container (core/one_container.py) it first migrates,
and then runs gunicorn and the nightly jobs until one signal ends both. Django is in these processes
alone, so this one needs little memory.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from core.one_container import data_folder, is_mounted, own_key
from operations.jobs.loop import Signals

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = "gunicorn"
# Docker kills a container ten seconds after it has asked it to end.
GRACEFUL_TIMEOUT = 7  # seconds for requests that are running
END_TIMEOUT = 9  # seconds until both processes are killed
INTERVAL = 20  # seconds
# A process of the jobs that has ended is started again, later each time, until it stays.
FIRST_DELAY, LONGEST_DELAY = 1.0, 300.0  # seconds
STAYS = 600  # seconds


def say(message: str) -> None:
    """Print a line in the format of the log."""
    instant = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sys.stderr.write(f"{instant} {message}\n")


def main() -> int:
    try:
        folder = data_folder()
        if folder is None:
            os.execvp(GUNICORN, [GUNICORN])  # noqa: S606  # as the image's PATH has it
        prepare(folder)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 1
    signals = Signals()
    status = migrate(signals)
    if status is None:
        return 0
    if status:
        say(f"ERROR the upgrade ended with status {status}")
        return status if status > 0 else 1
    return supervise(signals)


def prepare(folder: Path) -> None:
    """Check that the folder can be used, and make the keys. Raise InvalidSetting if it cannot."""
    os.umask(0o077)
    own_key(folder, "jwt_signing_key")
    own_key(folder, "secret_key")
    if not is_mounted(folder):
        say(
            f"WARNING {folder} is not a volume: everything is lost with this container. Run it with"
            f" -v todomate:{folder}"
        )


def migrate(signals: Signals) -> int | None:
    """Run `manage.py upgrade`; return its exit status, or None if this process has to end."""
    child = start([sys.executable, "manage.py", "upgrade"])
    while child.poll() is None:
        if signals.wait(INTERVAL):
            end([child])
            return None
    return child.returncode


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process with a group of its own, so that Ctrl+C reaches this process alone."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)  # noqa: S603  # fixed ones


@dataclass
class Jobs:
    """The process of the nightly jobs, which is started again if it ends."""

    process: subprocess.Popen[bytes] | None = None
    delay: float = FIRST_DELAY
    started_at: float = field(default=0.0)
    next_start: float = field(default=0.0)

    def look(self) -> float:
        """Start the process if it is due; return the seconds after which to look again."""
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            self.delay = FIRST_DELAY if now - self.started_at > STAYS else self.delay
            say(
                f"ERROR the nightly jobs ended with status {self.process.returncode};"
                f" they start again in {self.delay:.0f} s"
            )
            self.next_start = now + self.delay
            self.delay = min(self.delay * 2, LONGEST_DELAY)
            self.process = None
        if self.process is None and now >= self.next_start:
            self.process = start([sys.executable, "manage.py", "jobs"])
            self.started_at = now
        return INTERVAL if self.process else self.next_start - now


def supervise(signals: Signals) -> int:
    """Run gunicorn and the jobs until a signal, or until gunicorn ends; return the exit status."""
    server = start([GUNICORN, "--graceful-timeout", str(GRACEFUL_TIMEOUT)])
    jobs = Jobs()
    while server.poll() is None:
        if signals.wait(jobs.look()):
            end(filter(None, [server, jobs.process]))
            return max(server.returncode, 0)
        reap_orphans({server.pid, jobs.process.pid if jobs.process else 0})
    say(f"ERROR gunicorn ended with status {server.returncode}")
    end(filter(None, [jobs.process]))
    return server.returncode if server.returncode > 0 else 1


def end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask the processes to end, and kill after END_TIMEOUT what has not."""
    running = list(processes)
    for process in running:
        process.send_signal(signal.SIGTERM)  # nothing if it has ended
    deadline = time.monotonic() + END_TIMEOUT
    for process in running:
        try:
            process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def reap_orphans(children: set[int]) -> None:
    """Reap ended processes whose parent has ended, but not our children: Popen waits for them."""
    with suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid in children:
                return  # the next look reaps it
            os.waitpid(found.si_pid, 0)


if __name__ == "__main__":
    sys.exit(main())
