"""Generate clients from the schema, compile them, and run one scenario with each: `make clients`.

Without arguments all clients are built, otherwise those whose names contain one of them. What is
generated is in .cache/clients afterwards. Swift and Dart have no compiler on PyPI or npm: what is
generated for them is parsed only.

A scenario gets the address of a server with the demo's people, that of a proxy which makes its
answers those of a later release, the email and the password of a person, an empty day, and the
path of a picture, which is 640 pixels wide. It prints a line `step: NAME` for each of STEPS.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

os.environ["TODOMATE_ENV"] = "local"
os.environ["LOG_LEVEL"] = "WARNING"
os.environ["DJANGO_SETTINGS_MODULE"] = "todomate.settings"

import django  # after the settings are named

django.setup()

from PIL import Image  # noqa: E402  # as above

from tests.clients.generators import (  # noqa: E402  # as above
    CLIENTS,
    COMPILERS,
    GENERATORS,
    Build,
    Client,
    generate_all,
)
from tests.clients.next_release import next_release  # noqa: E402  # needs Django's settings
from tests.clients.parsing import parse_errors  # noqa: E402  # needs Django's settings
from tests.clients.tools import ROOT, fetch  # noqa: E402  # needs Django's settings
from tests.server import running_server  # noqa: E402  # needs Django's settings
from todomate.demo.people import MINA, PASSWORD  # noqa: E402  # needs Django's settings

STEPS = (
    "sign up",
    "sign in",
    "refresh",
    "create a goal",
    "create a todo",
    "rename the goal",
    "check the todo",
    "clear its time",
    "archive the todo",
    "page through todos",
    "read a day",
    "read a month",
    "write a diary",
    "upload a photo",
    "show it in the diary",
    "cheer",
    "typed errors",
    "too many requests",
    "a later release",
)
FIRST_DAY = datetime.date(2050, 5, 1)  # the demo has nothing there
DOCUMENT = ROOT / "docs" / "clients.md"


class ScenarioError(Exception):
    """Raised with what a client printed."""


def chosen(words: Sequence[str]) -> list[Client]:
    """Return the clients whose names contain one of the words, or all."""
    clients = [c for c in CLIENTS if not words or any(word in c.name for word in words)]
    if not clients:
        sys.exit(f"There is no such client; choose from {', '.join(c.name for c in CLIENTS)}.")
    return clients


def write_schemas(build: Build) -> None:
    """Write the schema as OpenAPI 3.1 and as 3.0."""
    environment = os.environ | {"DATABASE_URL": "sqlite://:memory:"}
    command = [sys.executable, "manage.py", "spectacular", "--format", "openapi-json", "--file"]
    for version, options in (
        ("3.1", []),
        ("3.0", ["--custom-settings", "core.schema.openapi30.SETTINGS"]),
    ):
        path = str(build.schema(version))
        subprocess.run([*command, path, *options], cwd=ROOT, env=environment, check=True)


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other `make clients` of this checkout is running."""
    path = ROOT / ".cache" / "clients.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def generate(build: Build, clients: Sequence[Client]) -> None:
    """Generate all clients. Raise `CalledProcessError` with the output if a generator fails."""
    with ThreadPoolExecutor(2) as pool:
        others = [
            pool.submit(GENERATORS[client.name], build, client)
            for client in clients
            if client.name in GENERATORS
        ]
        generate_all(build, clients)
        for other in others:
            other.result()


def compile_one(build: Build, compiler: str, clients: Sequence[Client]) -> float:
    """Compile all clients of a compiler and return the seconds that it took."""
    began = time.monotonic()
    COMPILERS[compiler](build, clients)
    return time.monotonic() - began


def run_scenario(build: Build, client: Client, arguments: Sequence[str]) -> list[str]:
    """Run the scenario of a client. Return its steps, or raise `ScenarioError`."""
    assert client.run is not None
    command = [*map(str, client.run(build)), *arguments]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    steps = re.findall("^step: (.+)$", done.stdout, re.MULTILINE)
    if done.returncode or steps != list(STEPS):
        missing = next((step for step in STEPS if step not in steps), "-")
        raise ScenarioError(f"The step '{missing}' failed:\n{done.stdout[-6000:]}")
    return steps


def run_all(
    build: Build, clients: Sequence[Client], compiled: dict[str, Future[float]]
) -> dict[str, str]:
    """Run the scenarios as soon as they are compiled. Return what was wrong, by client."""
    wrong = {}
    schema = json.loads(build.schema("3.1").read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = f"sqlite:///{folder / 'server.sqlite3'}"
        environment = {
            "QUOTAS": "searches=3/3600",
            "DATABASE_URL": database,
            "PHOTO_URL": (folder / "photos").as_uri(),
        }
        photo = folder / "photo.jpg"
        Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(photo)
        with (
            running_server(folder, **environment) as address,
            next_release(address, schema) as later_address,
        ):
            subprocess.run(
                [sys.executable, "manage.py", "demo"],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            # The slowest compiler is the last one.
            for number, client in enumerate(clients):
                if client.run is None:
                    continue
                day = FIRST_DAY + datetime.timedelta(days=number)
                person = [MINA.email, PASSWORD]
                arguments = [address, later_address, *person, day.isoformat(), str(photo)]
                try:
                    compiled[client.compiler].result()
                    run_scenario(build, client, arguments)
                except subprocess.CalledProcessError as error:
                    wrong[client.name] = f"It does not compile:\n{error.output}"
                except (ScenarioError, subprocess.TimeoutExpired) as error:
                    wrong[client.name] = str(error)
                print(f"{client.name}: {'failed' if client.name in wrong else 'ok'}", flush=True)
    return wrong


def parse_only(build: Build, clients: Sequence[Client]) -> dict[str, str]:
    """Parse what has no compiler here. Return the errors, by client."""
    wrong = {}
    for client in clients:
        if client.run is None:
            count, errors = parse_errors(client.name, build.folder(client))
            if errors:
                wrong[client.name] = "\n".join(errors)
            print(f"{client.name}: {count} files parsed, {len(errors)} errors", flush=True)
    return wrong


def undocumented(clients: Sequence[Client]) -> dict[str, str]:
    """Return the options that docs/clients.md does not name, by client."""
    text = DOCUMENT.read_text()
    wrong = {}
    for client in clients:
        options = [name for name in client.options if "package" not in name.lower()]
        if missing := [word for word in (client.name, *options) if word not in text]:
            wrong[client.name] = f"docs/clients.md does not name {', '.join(missing)}."
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="make clients", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of clients")
    clients = chosen(parser.parse_args().names)
    with alone():
        return make(clients)


def make(clients: Sequence[Client]) -> int:
    """Generate, compile and run the clients. Return the status of the program."""
    build = Build(fetch(), ROOT / ".cache" / "clients")
    shutil.rmtree(build.work, ignore_errors=True)
    build.work.mkdir(parents=True)
    began = time.monotonic()
    write_schemas(build)
    try:
        generate(build, clients)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.output}\nThe clients could not be generated: see the lines above.")
    print(f"Generated in {time.monotonic() - began:.0f} s", flush=True)
    with ThreadPoolExecutor(2) as pool:
        compilers = {client.compiler for client in clients if client.run}
        compiled = {
            compiler: pool.submit(
                compile_one, build, compiler, [c for c in clients if c.compiler == compiler]
            )
            # Kotlin takes longest, so it begins first.
            for compiler in sorted(compilers)[::-1]
        }
        wrong = undocumented(clients) | parse_only(build, clients)
        wrong |= run_all(build, clients, compiled)
    print(f"Generated, compiled and run in {time.monotonic() - began:.0f} s")
    for name, text in wrong.items():
        print(f"\n{name}: {text}")
    result = f"{len(clients) - len(wrong)} passed, {len(wrong)} failed"
    print(result)
    if report := os.environ.get("TEST_REPORT"):  # the summary of .ci/run
        with Path(report).open("a") as file:
            file.write(f"Generated clients: {result}\n{result}\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
