"""Checks of the repository as a whole."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.packages import own_apps

ROOT = Path(__file__).resolve().parent.parent


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git tracks under these patterns."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True
    ).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).exists()]


@pytest.mark.django_db
def test_every_change_of_a_model_has_a_migration() -> None:
    changes = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=changes)
    except SystemExit:
        pytest.fail(
            "A change of a model has no migration: run `TODOMATE_ENV=local .venv/bin/python"
            f" manage.py makemigrations` and read docs/migrations.md.\n{changes.getvalue()}"
        )


def test_the_system_checks_report_nothing() -> None:
    call_command("check", "--fail-level", "WARNING")


def test_every_folder_of_tests_is_a_package() -> None:
    for path in tracked("tests/**/*.py", "safemigrations/tests/**/*.py"):
        assert (path.parent / "__init__.py").exists(), (
            f"{path.parent.relative_to(ROOT)} has no __init__.py: add an empty one, so that files"
            " of the same name in other folders stay apart."
        )


def test_every_dependency_has_its_reason_in_the_architecture() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["mysql"],
    ]
    reasons = (ROOT / "ARCHITECTURE.md").read_text()
    for dependency in named:
        name = re.split(r"[\[<>=]", dependency)[0]
        assert re.search(rf"\| {name}[ ,|]", reasons), (
            f"ARCHITECTURE.md does not say why {name} is needed: add it to the table."
        )


def test_pinned_requirements_have_hashes_and_name_no_registry() -> None:
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


def test_links_between_documents_have_a_target() -> None:
    for path in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


# Files are no rows: no cascade may leave them behind.
OF_DELETING = "from django.db.models.signals import post_delete\n"


def test_no_app_overrides_save_or_uses_signals_of_saving() -> None:
    for path in tracked(*(f"{name}/*.py" for name in own_apps())):
        names = {
            node.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef)
        }
        assert "save" not in names or "models" not in path.name, f"{path} overrides save()"
        text = path.read_text().replace(OF_DELETING, "")
        assert "django.db.models.signals" not in text, f"{path} uses a signal"


def test_the_targets_of_the_mutants_exist() -> None:
    for name, functions, tests in runpy.run_path(str(ROOT / "scripts" / "mutants.py"))["TARGETS"]:
        tree = ast.parse((ROOT / name).read_text())
        assert set(functions) <= {getattr(node, "name", "") for node in tree.body}, name
        assert all((ROOT / test).exists() for test in tests), tests


FIRST_WORDS = {"what", "which", "whether", "who", "whose", "where", "how", "that"}


def test_docstrings_say_first_what_the_thing_does() -> None:
    riddles = []
    for path in tracked("*.py"):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                docstring = ast.get_docstring(node) or "-"
                if docstring.split()[0].strip(".,:").lower() in FIRST_WORDS:
                    riddles.append(f"{path.relative_to(ROOT)}: {docstring.splitlines()[0]}")
    assert riddles == [], "Begin with a verb, or with a noun phrase for a class or property."
