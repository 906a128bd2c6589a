"""The layout of the project: who may import whom, and that no list of packages is incomplete."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packages import DEVELOPMENT, ROOT, own_apps, server_packages
from todomate import urls


def copy_of_checkout(folder: Path) -> Path:
    """Copy the packages of this checkout and the configuration of import-linter."""
    for name in server_packages() | (DEVELOPMENT - {"tests"}):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint_imports(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "lint_imports.py"), str(checkout)]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def test_the_imports_of_the_checkout_keep_the_contracts() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_package_missing_from_the_contracts_is_an_error_that_names_each_list(
    tmp_path: Path,
) -> None:
    checkout = copy_of_checkout(tmp_path)
    (checkout / "scratch").mkdir()
    (checkout / "scratch" / "__init__.py").write_text("import todos.models\n")
    done = lint_imports(checkout)
    assert done.returncode == 1
    for name in ("root_packages", "layers", "ancestors"):
        assert f"The package scratch is not in `{name}`" in done.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core/clock.py", "import accounts.models"),
        ("goals/models.py", "import todos.models"),
        ("accounts/cards.py", "import resources.models"),
        ("core/mysql/base.py", "import accounts.models"),
        ("todos/recurrence.py", "import diaries.models"),
        ("safemigrations/names.py", "import core.clock"),
        ("goals/models.py", "import operations.serving.probe"),
        ("goals/models.py", "import goals.views"),
    ],
)
def test_an_upward_or_circular_import_breaks_a_contract(
    tmp_path: Path, module: str, line: str
) -> None:
    checkout = copy_of_checkout(tmp_path)
    path = checkout / module
    path.write_text(f"{path.read_text()}\n\ndef late() -> None:\n    {line}\n")
    done = lint_imports(checkout)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout


def test_the_image_has_every_package_of_the_server() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    for name in sorted(server_packages() - copied):
        pytest.fail(
            f"The image would lack the package {name}: add `COPY {name} {name}` to the Dockerfile."
        )
    for name in sorted(copied - server_packages()):
        pytest.fail(f"The Dockerfile copies {name}, which is no package of the server.")
    admitted = set((ROOT / ".dockerignore").read_text().splitlines())
    for name in sorted(server_packages()):
        assert f"!{name}" in admitted, (
            f"Docker ignores the package {name}: add the line `!{name}` to .dockerignore."
        )


def test_every_package_with_an_app_is_installed() -> None:
    with_app = {path.parent.name for path in ROOT.glob("*/apps.py")} - DEVELOPMENT
    for name in sorted(with_app - own_apps()):
        pytest.fail(
            f"The app {name} is not installed: add it to INSTALLED_APPS in todomate/settings.py."
        )
    # The apps of `operations` and `todomate` are packages inside them.
    for name in sorted(own_apps() - with_app - {"operations", "todomate"}):
        pytest.fail(f"The installed app {name} has no {name}/apps.py: add one with its AppConfig.")


def test_the_api_includes_the_urls_of_every_app() -> None:
    with_urls = {path.parent.name for path in ROOT.glob("*/urls.py")} - {"todomate"} - DEVELOPMENT
    for name in sorted(with_urls - set(urls.APPS)):
        pytest.fail(
            f'The API lacks the paths of {name}/urls.py: add "{name}" to APPS in todomate/urls.py.'
        )
    assert set(urls.APPS) == with_urls
