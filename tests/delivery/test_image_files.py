"""Test which files can get into an image."""

from __future__ import annotations

import re
import subprocess
from itertools import accumulate

import pytest

from tests.delivery.template import ROOT


def sources() -> list[str]:
    """Return the paths that the Dockerfile copies from the checkout."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [
        line.split()[1:-1]
        for line in text.splitlines()
        if line.startswith("COPY ") and "--from=" not in line
    ]
    return [word for line in lines for word in line]


def rules() -> list[tuple[re.Pattern[str], bool]]:
    """Return the patterns of .dockerignore, and whether each includes files."""
    found = []
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            form = (
                re.escape(line.removeprefix("!"))
                .replace(r"\*\*/", "(?:.*/)?")
                .replace(r"\*", "[^/]*")
            )
            found.append((re.compile(form), line.startswith("!")))
    return found


RULES = rules()


def is_let_in(path: str) -> bool:
    """Return whether Docker can copy a path: the last pattern that matches it decides."""
    lets = True
    for pattern, lets_in in RULES:
        if any(pattern.fullmatch(part) for part in accumulate(path.split("/"), "{}/{}".format)):
            lets = lets_in
    return lets


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [name for name in listed.split("\0") if name]


def is_copied(path: str) -> bool:
    return any(path == source or path.startswith(f"{source}/") for source in sources())


def test_the_copied_paths_exist() -> None:
    names = tracked()
    assert len(sources()) > 15
    for source in sources():
        assert any(name == source or name.startswith(f"{source}/") for name in names), source


def test_all_copied_files_except_demo_and_tests_are_included() -> None:
    copied = {name for name in tracked() if is_copied(name)}
    demo = {name for name in copied if name.startswith("todomate/demo/")}
    tests = {name for name in copied if "/tests/" in name}
    assert demo
    assert tests
    assert {name for name in tracked() if is_let_in(name)} == copied - demo - tests


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".env.production",
        "secrets/secret_key",
        "tls/privkey.pem",
        "var/todomate.sqlite3",
        ".git/config",
        ".venv/bin/python",
        "tests/base.py",
        "safemigrations/tests/base.py",
        "infra/aws.yml",
        "todomate/demo/people.py",
        "todomate/__pycache__/settings.cpython-312.pyc",
        "accounts/management/commands/__pycache__/purge.cpython-312.pyc",
    ],
)
def test_files_that_must_not_be_in_an_image_are_excluded(path: str) -> None:
    assert not is_let_in(path)


def test_the_folder_for_the_server_has_the_files_of_the_guide_and_the_scripts() -> None:
    copied = {
        words
        for words in sources()
        if words.startswith(("deploy.sh", "docker-compose", ".env", "nginx"))
    }
    assert copied == {
        "deploy.sh",
        "docker-compose.prod.yml",
        "docker-compose.mysql.yml",
        ".env.example",
        "nginx",
    }
    assert "scripts/restore" in sources()


def test_the_build_needs_no_secret() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert set(re.findall(r"^ARG (.*)$", text, re.MULTILINE)) == {"PIP_CERT", "REVISION=unknown"}
    assert "SECRET_KEY" not in text.split("FROM python")[-1]
