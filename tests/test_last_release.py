"""Test scripts/test-last-release without the code of the last release."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)


def git(folder: Path, *command: str) -> None:
    who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Create a shallow clone with the scripts of this checkout, whose last release is 0.2.0."""
    for name in ("origin", "clone"):
        (tmp_path / name).mkdir()
    origin = tmp_path / "origin"
    shutil.copytree(
        ROOT / "scripts", origin / "scripts", ignore=shutil.ignore_patterns("__pycache__")
    )
    (origin / "CHANGELOG.md").write_text(
        "## Unreleased\n\n## 0.2.0 – 2026-12-24\n\n## 0.1.0 – 2026-11-21\n"
    )
    git(origin, "init")
    git(origin, "add", ".")
    git(origin, "commit", "-m", "A release")
    git(origin, "commit", "-m", "What came after it", "--allow-empty")
    git(tmp_path, "clone", "--depth=1", f"file://{origin}", "clone")
    return tmp_path / "clone"


def said(folder: Path) -> str:
    """Run the script, which fails with one sentence, and return that."""
    done = subprocess.run(
        ["scripts/test-last-release"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), (
        done.stdout,
        done.stderr,
    )
    return done.stderr


def test_a_shallow_clone(clone: Path) -> None:
    assert "This clone is shallow" in said(clone)
    assert "the code of release 0.2.0" in said(clone)
    assert "`git fetch --unshallow --tags`" in said(clone)


def test_a_release_without_a_tag(clone: Path) -> None:
    git(clone, "fetch", "--unshallow")
    assert said(clone).startswith("There is no tag v0.2.0")


def test_a_folder_that_is_not_a_clone(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    assert said(clone).startswith("This is no clone of the repository")


def test_a_changelog_without_an_earlier_release(clone: Path) -> None:
    (clone / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0 – 2026-11-21\n")
    assert said(clone) == "CHANGELOG.md names no release before this one.\n"
