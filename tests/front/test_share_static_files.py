"""Test the copying of static files to the folder that nginx serves."""

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
    reason="independent of the database; runs with the suite on SQLite",
)

DAY = 86_400


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load the function in gunicorn.conf.py."""
    monkeypatch.setenv("BIND", "127.0.0.1:8000")
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))["publish"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Create the files of a release, with old times like those in an image."""
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


def test_files_are_copied_whatever_their_age(publish: Any, source: Path, shared: Path) -> None:
    publish(source, shared)
    assert held(shared) == {"admin/base.0123.css": "body {}", "admin/base.0123.css.gz": "smaller"}


def test_copying_is_idempotent(publish: Any, source: Path, shared: Path) -> None:
    publish(source, shared)
    before = held(shared)
    publish(source, shared)
    assert held(shared) == before


def test_files_of_other_releases_are_deleted_after_a_month(
    publish: Any, source: Path, shared: Path
) -> None:
    publish(source, shared)
    old = write(shared / "admin" / "base.old.css", "", days_ago=31)
    younger = write(shared / "admin" / "base.younger.css", "", days_ago=29)
    publish(source, shared)
    assert not old.exists()
    assert younger.exists()
    assert (shared / "admin" / "base.0123.css").exists()


def test_files_still_in_use_are_kept_whatever_their_age(
    publish: Any, source: Path, shared: Path
) -> None:
    publish(source, shared)
    path = shared / "admin" / "base.0123.css"
    write(path, path.read_text(), days_ago=40)
    publish(source, shared)
    assert path.stat().st_mtime > time.time() - DAY


def test_complete_files_are_not_copied_again(publish: Any, source: Path, shared: Path) -> None:
    publish(source, shared)
    path = shared / "admin" / "base.0123.css"
    before = path.stat().st_ino
    write(path, "BODY {}", days_ago=40)
    publish(source, shared)
    assert path.stat().st_ino == before
    assert path.read_text() == "BODY {}"


def test_incomplete_files_of_a_killed_process_are_replaced(
    publish: Any, source: Path, shared: Path
) -> None:
    write(shared / "admin" / "base.0123.css", "bod", days_ago=0)
    publish(source, shared)
    assert held(shared) == held(source)


def test_no_reader_sees_an_incomplete_file(publish: Any, source: Path, shared: Path) -> None:
    """Copy a file repeatedly with another length; no temporary file remains."""
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
