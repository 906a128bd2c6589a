"""A release's static files, put where nginx serves them for it and for the releases beside it."""

from __future__ import annotations

import os
import runpy
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.server import ROOT

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="files do not depend on the database; they are tested along with SQLite",
)

DAY = 86_400


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The function of gunicorn's own file."""
    monkeypatch.setenv("BIND", "127.0.0.1:8000")
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))["publish"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A release's files, made long ago as those of an image are."""
    folder = tmp_path / "source"
    write(folder / "admin" / "base.0123.css", "body {}", days_ago=400)
    write(folder / "admin" / "base.0123.css.gz", "smaller", days_ago=400)
    return folder


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


def write(path: Path, text: str, *, days_ago: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    at = time.time() - days_ago * DAY
    os.utime(path, (at, at))
    return path


def held(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_its_files_are_there_however_old_they_are(publish: Any, source: Path, shared: Path) -> None:
    publish(source, shared)
    assert held(shared) == {"admin/base.0123.css": "body {}", "admin/base.0123.css.gz": "smaller"}


def test_the_second_time_does_nothing_else(publish: Any, source: Path, shared: Path) -> None:
    publish(source, shared)
    before = held(shared)
    publish(source, shared)
    assert held(shared) == before


def test_those_of_other_releases_go_after_a_month(publish: Any, source: Path, shared: Path) -> None:
    publish(source, shared)
    old = write(shared / "admin" / "base.old.css", "", days_ago=31)
    younger = write(shared / "admin" / "base.younger.css", "", days_ago=29)
    publish(source, shared)
    assert not old.exists()
    assert younger.exists()
    assert (shared / "admin" / "base.0123.css").exists()


def test_what_is_in_use_still_is_young_whenever_it_was_put_there(
    publish: Any, source: Path, shared: Path
) -> None:
    publish(source, shared)
    path = shared / "admin" / "base.0123.css"
    write(path, path.read_text(), days_ago=40)
    publish(source, shared)
    assert path.stat().st_mtime > time.time() - DAY


def test_what_is_there_whole_is_not_written_again(publish: Any, source: Path, shared: Path) -> None:
    publish(source, shared)
    path = shared / "admin" / "base.0123.css"
    before = path.stat().st_ino
    write(path, "BODY {}", days_ago=40)
    publish(source, shared)
    assert path.stat().st_ino == before
    assert path.read_text() == "BODY {}"


def test_what_a_killed_one_left_half_is_made_whole(
    publish: Any, source: Path, shared: Path
) -> None:
    write(shared / "admin" / "base.0123.css", "bod", days_ago=0)
    publish(source, shared)
    assert held(shared) == held(source)


def test_nobody_reads_the_half_of_a_file(publish: Any, source: Path, shared: Path) -> None:
    """Of one that is put there again and again, each time with another length; drafts do not stay."""
    one, path, whole = (
        source / "admin" / "base.4567.js",
        shared / "admin" / "base.4567.js",
        ("a" * 2**20, "b" * 2**19),
    )
    write(one, whole[0], days_ago=0)
    publish(source, shared)

    def read() -> set[str]:
        return {path.read_text() for _ in range(200)}

    with ThreadPoolExecutor(1) as pool:
        reader, turn = pool.submit(read), 0
        while turn < 20 or not reader.done():
            turn += 1
            one.write_text(whole[turn % 2])
            publish(source, shared)
    assert reader.result() <= set(whole)
    assert held(shared) == held(source)
