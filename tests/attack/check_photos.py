"""Kill what handles photos while they are uploaded and deleted, and send the largest pictures.

    python -m pytest -s tests/attack/check_photos.py

It takes some minutes, and prints figures.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.base import PASSWORD, new_id
from tests.photos import pictures
from tests.photos.test_corpus import measure
from tests.server import ROOT, running_server

logging.getLogger("httpx").setLevel(logging.WARNING)
KILLS = int(os.environ.get("KILLS", "120"))
PICTURE = pictures.jpeg(2400, 1800)

# What a process with the server's settings does: what is deleted stays, and time passes.
COMPARE = """
import datetime as dt, json, sys
import django
django.setup()
from photos.models import Photo, Trash
from photos.store import store
from photos.tidying import tidy
later = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
for photo in Photo.objects.filter(used=0).order_by("pk")[::2]:
    Photo.objects.filter(pk=photo.pk).update(updated_at=later)
tidy(later, lambda line: None)
rows = {name for photo in Photo.objects.all() for name in photo.names}
files = {str(p.relative_to(store().folder)) for p in store().folder.rglob("*") if p.is_file()}
print(json.dumps([len(rows), sorted(rows - files), sorted(files - rows), Trash.objects.count()]))
"""


class Arena:
    """A server whose processes are killed."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.env = os.environ | {
            "TODOMATE_ENV": "local",
            "DATABASE_URL": f"sqlite:///{folder / 'server.sqlite3'}",
            "PHOTO_URL": (folder / "photos").as_uri(),
            "DJANGO_SETTINGS_MODULE": "todomate.settings",
        }
        body = {"email": "alice@example.com", "password": PASSWORD, "nickname": "Alice"}
        tokens = httpx.post(f"{address}/api/v1/auth/signup/", json=body, timeout=30).json()
        self.headers = {"Authorization": f"Bearer {tokens['access']}", "Content-Type": "image/jpeg"}
        self.uploaded: list[str] = []
        self.answers: Counter[str] = Counter()

    def send(self, method: str, pk: str) -> None:
        """Send a request until it is answered, as a phone does."""
        for _ in range(60):
            with suppress(httpx.TransportError):
                answer = httpx.request(
                    method,
                    f"{self.address}/api/v1/photos/{pk}/",
                    content=PICTURE if method == "PUT" else None,
                    headers=self.headers,
                    timeout=40,
                )
                self.answers[f"{method} {answer.status_code}"] += 1
                if answer.status_code not in (429, 503):
                    return
            time.sleep(0.2)
        raise AssertionError(f"{method} of {pk} was never answered")

    def processes(self, words: str) -> list[int]:
        """Return the processes below this one whose command line has these words."""
        found = []
        below = {os.getpid()}
        parents = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                status = (path / "stat").read_text().rpartition(")")[2].split()
                parents[int(path.name)] = int(status[1])
        for pid in sorted(parents):
            chain = pid
            while chain in parents and chain not in below:
                chain = parents[chain]
            if chain in below:
                with suppress(OSError):
                    line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if words in line:
                        found.append(pid)
        return found

    def kill(self, target: str) -> bool:
        """Kill a process with SIGKILL, if there is one."""
        words = {"worker": "gunicorn", "converter": "convert.py", "tidy": "manage.py tidy"}[target]
        found = self.processes(words)
        if target == "worker":
            found = found[1:]  # the first is their master
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(random.choice(found), signal.SIGKILL)  # noqa: S311  # no secret
        return True

    def compare(self) -> tuple[int, list[str], list[str], int]:
        done = subprocess.run(
            [sys.executable, "-c", COMPARE],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows, missing, orphans, trash = json.loads(done.stdout)
        return rows, missing, orphans, trash


@pytest.fixture
def arena(tmp_path: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[Arena]:
    with (
        django_db_blocker.unblock(),
        running_server(
            tmp_path,
            PHOTO_URL=(tmp_path / "photos").as_uri(),
            RATE_LIMITS="false",
            PHOTO_LIMITS="unattached=0,photos=0,megabytes=0",
        ) as address,
    ):
        yield Arena(address, tmp_path)


def test_kills_leave_no_row_without_files_and_no_file_without_a_row(arena: Arena) -> None:
    kills: Counter[str] = Counter()
    chance = random.Random(int(os.environ.get("SEED", "13")))  # noqa: S311  # no secret
    while kills.total() < KILLS:
        target = chance.choice(["worker", "worker", "converter", "converter", "tidy"])
        threads = []
        pk = new_id()
        threads.append(threading.Thread(target=arena.send, args=("PUT", pk)))
        if arena.uploaded and chance.random() < 0.6:
            gone = arena.uploaded.pop(chance.randrange(len(arena.uploaded)))
            threads.append(threading.Thread(target=arena.send, args=("DELETE", gone)))
        tidying = None
        if target == "tidy":
            tidying = subprocess.Popen(
                [sys.executable, "manage.py", "tidy"],
                cwd=ROOT,
                env=arena.env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0, 3.0 if target == "tidy" else 0.8))
        if arena.kill(target):
            kills[target] += 1
        for thread in threads:
            thread.join(120)
        if tidying is not None:
            tidying.wait(60)
        arena.uploaded.append(pk)
        if kills.total() % 20 == 0 and kills.total():
            rows, missing, orphans, trash = arena.compare()
            assert (missing, orphans, trash) == ([], [], 0), (kills, rows)
            arena.uploaded = []  # some are attached, the others forgotten
    rows, missing, orphans, trash = arena.compare()
    print(f"\n{dict(kills)} kills; {dict(arena.answers)}; {rows // 2} photos left")
    assert (missing, orphans, trash) == ([], [], 0)
    assert httpx.get(f"{arena.address}/api/v1/health/ready/", timeout=10).status_code == 200


LARGE: dict[str, tuple[Any, str]] = {
    "12 MP JPEG": (lambda: pictures.jpeg(4000, 3000), "width"),
    "12 MP progressive": (lambda: pictures.jpeg(4000, 3000, progressive=True), "width"),
    "12 MP progressive 4:4:4": (
        lambda: pictures.jpeg(4000, 3000, progressive=True, subsampling=0),
        "width",
    ),
    "48 MP JPEG": (lambda: pictures.jpeg(8000, 6000), "width"),
    "48 MP progressive": (lambda: pictures.jpeg(8000, 6000, progressive=True), "too_many_pixels"),
    "100 MP JPEG": (lambda: pictures.jpeg(10_000, 10_000, quality=60), "width"),
    "12 MP CMYK": (
        lambda: pictures.saved(pictures.noise(4000, 3000, "CMYK"), "JPEG", quality=80),
        "width",
    ),
    "12 MP PNG": (lambda: pictures.png(4000, 3000), "width"),
    "12 MP PNG with alpha": (lambda: pictures.png(4000, 3000, "RGBA"), "width"),
    "12 MP PNG of 16 bits": (lambda: pictures.png(4000, 3000, "I;16"), "width"),
    "12 MP PNG with a palette": (lambda: pictures.png(4000, 3000, "P"), "width"),
    "5 MP WebP": (lambda: pictures.saved(pictures.noise(2500, 2000), "WEBP", method=0), "width"),
    "12 MP WebP": (
        lambda: pictures.saved(pictures.noise(4000, 3000), "WEBP", method=0),
        "too_many_pixels",
    ),
    "100 MP PNG bomb": (lambda: pictures.png_bomb(10_000, 10_000), "too_many_pixels"),
    "400 MP PNG bomb": (lambda: pictures.png_bomb(20_000, 20_000), "too_many_pixels"),
    "12 MP PNG bomb": (lambda: pictures.png_bomb(4000, 3000), "width"),
    "WebP bomb": (lambda: pictures.webp_bomb(16_384, 16_384), "too_many_pixels"),
    "texts that unpack to 64 MB": (pictures.png_text_bomb, "{"),
    "11 MB of noise": (lambda: b"\xff\xd8\xff" + pictures.random_bytes(11 << 20), "bad_picture"),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_accepted_takes_128_mb_at_most(name: str) -> None:
    make, expected = LARGE[name]
    data = make()
    seconds, megabytes, answer = measure(data)
    line = answer.partition(b"\n")[0].decode()
    print(f"\n{name}: {len(data) / 1e6:.1f} MB, {seconds:.2f} s, {megabytes:.0f} MB: {line[:60]}")
    assert expected in line
    assert megabytes <= (128 if "width" in line else 100)
    assert seconds <= 2.5
