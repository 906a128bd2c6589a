"""What holds for the repository as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.packages import own_apps

ROOT = Path(__file__).resolve().parent.parent


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True
    ).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).exists()]


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_the_system_check_has_nothing_to_say() -> None:
    call_command("check", "--fail-level", "WARNING")


def test_every_folder_of_tests_is_a_package() -> None:
    for path in tracked("tests/**/*.py", "safemigrations/tests/**/*.py"):
        assert (path.parent / "__init__.py").exists(), path


def test_every_dependency_has_its_reason_in_the_architecture() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["mysql"],
    ]
    reasons = (ROOT / "ARCHITECTURE.md").read_text()
    for dependency in named:
        name = re.split(r"[\[<>=]", dependency)[0]
        assert re.search(rf"\| {name}[ ,|]", reasons), name


def test_pinned_requirements_hold_no_address_and_every_one_has_its_hash() -> None:
    for path in tracked("requirements*.txt"):
        text = path.read_text()
        assert "://" not in text, path.name
        for block in re.split(r"\n(?=[a-z0-9])", text.replace("\\\n", " ")):
            assert "==" not in block or "--hash=sha256:" in block, block[:80]


def test_the_changelog_ends_with_the_first_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    releases = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert releases[-1] == "0.1.0"
    assert project["version"] in releases


def test_links_between_documents_lead_somewhere() -> None:
    for path in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_no_override_of_save_and_no_signal_inside_the_apps() -> None:
    for path in tracked(*(f"{name}/*.py" for name in own_apps())):
        names = {
            node.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef)
        }
        assert "save" not in names or "models" not in path.name, path
        assert "django.db.models.signals" not in path.read_text(), path
