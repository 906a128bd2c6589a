"""Test that no request fails while releases are deployed.

This takes most of an hour and is run by hand: `pytest -s tests/stack/check_deploys.py`. Its output
has measurements.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack.load import Load
from tests.stack.stack import IMAGE, Stack, digest, docker, inspect, standing

ADD_FIELD = "migrations.AddField('todo', 'extra_{n}', models.IntegerField(null=True))"
OPERATIONS = (
    ADD_FIELD,
    "migrations.AddIndex('todo', models.Index(fields=['owner', 'updated_at'], name='extra_{n}'))",
    "migrations.CreateModel('Extra{n}', [('id', models.BigAutoField(primary_key=True)),"
    " ('todo', models.ForeignKey('todos.Todo', models.CASCADE))])",
    "migrations.AddField('todo', 'extra_{n}', models.CharField(max_length=20, db_default='x'))",
    "migrations.AddIndex('todo', models.Index(fields=['owner', 'created_at'], name='extra_{n}'))",
)
MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("todos", "{before}")]
    operations = [{operation}]
"""
LAST = "0004_drop_todo_newest"
STEPS = (
    "Doctor",
    "Backup point",
    "Migrate",
    "Starting the new",
    "Waiting until",
    "Switching",
    "Stopping",
    "jobs",
)
MOMENTS = ("the link changes", "the release is recorded")
# Python uses the compiled files without checking their sources, so these have to be deleted.
BAD = {
    "it does not start": (
        'RUN echo "raise SystemExit(1)" >> todomate/wsgi.py && rm -r todomate/__pycache__'
    ),
    "it is never ready": (
        "RUN cd todomate/front && sed -i 's/return True/return False/' health.py"
        " && rm -r __pycache__"
    ),
}


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def build(folder: Path, name: str, *lines: str, base: str = IMAGE) -> str:
    """Build an image from `base` with more lines; return its name with its digest."""
    tag = f"localhost/todomate-{os.getpid()}:{name}"
    text = "\n".join([f"FROM {base}", "USER 0", *lines, "USER 10001:10001", ""])
    (folder / "Dockerfile").write_text(text)
    docker("build", "--quiet", "--tag", tag, str(folder))
    return digest(tag)


def releases(folder: Path, number: int) -> Iterator[str]:
    """Build releases, each with one more migration than the one before."""
    before, lines = LAST, []
    for n in range(number):
        name = f"{n + 5:04}_extra"
        operation = OPERATIONS[n % len(OPERATIONS)].format(n=n)
        (folder / f"{name}.py").write_text(MIGRATION.format(before=before, operation=operation))
        lines.append(f"COPY {name}.py /app/todos/migrations/{name}.py")
        if n == 2:
            lines.append(f"RUN echo '# {name}' >> /app/server/nginx/proxy.conf")
        before = name
        yield build(folder, f"r{n}", *lines)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    # Every test signs users up from one address.
    with standing(tmp_path_factory.mktemp("stack"), RATE_LIMITS="false") as stack:
        yield stack


def in_service(stack: Stack) -> str:
    """Return the id of the image in service, and check that there is one web, which is active."""
    web = stack.web()
    assert docker("exec", web, "readlink", "/run/todomate/web.sock") == f"{web[:12]}.sock"
    return str(inspect(web, "Image")).removeprefix("sha256:")


def current(stack: Stack) -> str:
    """Return the name of the image in service."""
    return (stack.folder / "state" / "current").read_text().strip()


def id_of(image: str) -> str:
    return docker("image", "inspect", "--format", "{{.Id}}", image).removeprefix("sha256:")


def test_five_deploys_with_a_migration_each_fail_no_request(stack: Stack, tmp_path: Path) -> None:
    with Load(stack.address, stack.ca) as load:
        for image in releases(tmp_path, 5):
            said = stack.deploy(image).stdout
            assert "Applying todos.000" in said
            assert in_service(stack) == id_of(image)
            tell(f"{load.requests} requests, {len(load.failures)} failed")
    assert load.failures == []
    assert load.requests >= 10_000
    assert "# 0007_extra" in (stack.folder / "nginx" / "proxy.conf").read_text(), (
        "the release's files are not here"
    )


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_release_is_rolled_back_and_fails_no_request(
    stack: Stack, tmp_path: Path, fault: str
) -> None:
    conf, files = (
        stack.folder / "nginx" / "proxy.conf",
        "RUN echo '# bad' >> /app/server/nginx/proxy.conf",
    )
    bad = build(tmp_path, "bad", BAD[fault], files, base=current(stack))
    before, conf_before = in_service(stack), conf.read_text()
    with Load(stack.address, stack.ca) as load:
        done = stack.deploy(bad, check=False, WAIT="15")
    assert done.returncode == 1
    assert "Rolled back: the new web is not ready" in done.stderr
    assert "The previous release is still in service, no request was lost." in done.stdout
    assert (in_service(stack), load.failures) == (before, [])
    assert conf.read_text() == conf_before
    tell(f"{fault}: {load.requests} requests, 0 failed")


def test_rollback_to_the_previous_release_and_back(stack: Stack, tmp_path: Path) -> None:
    first = in_service(stack)
    second = build(tmp_path, "next", "RUN touch /app/next", base=current(stack))
    with Load(stack.address, stack.ca) as load:
        stack.deploy(second)
        stack.deploy("rollback")
        assert in_service(stack) == first
        stack.deploy("rollback")
        assert in_service(stack) == id_of(second)
    assert load.failures == []


def test_a_rollback_killed_after_the_switch_continues_when_run_again(
    stack: Stack, tmp_path: Path
) -> None:
    first = in_service(stack)
    stack.deploy(build(tmp_path, "after", "RUN touch /app/after", base=current(stack)))
    with Load(stack.address, stack.ca) as load:
        killed_at(stack, "rollback", "Stopping")
        stack.deploy("rollback")
    assert (in_service(stack), load.failures) == (first, [])


def webs(stack: Stack) -> int:
    """Return the number of web containers, including those that are not active."""
    names = docker(
        "ps", "--all", "--format", "{{.Names}}", "--filter", f"name={stack.project}-web-"
    ).split()
    return len(names)


def link(stack: Stack) -> str:
    volume = docker("volume", "inspect", "--format", "{{.Mountpoint}}", f"{stack.project}_sockets")
    return os.readlink(f"{volume}/web.sock")


def moment(stack: Stack, name: str) -> Callable[[], str]:
    """Return a function whose result changes at a moment that deploy.sh does not print."""
    return {
        "the link changes": lambda: link(stack),
        "the release is recorded": (stack.folder / "state" / "current").read_text,
    }[name]


def killed_at(stack: Stack, image: str, step: str) -> None:
    """Start a deploy, and kill it and its children at a step or moment."""
    command = [str(stack.folder / "deploy.sh"), image]
    look = moment(stack, step) if step in MOMENTS else None
    before = look() if look else ""
    with subprocess.Popen(
        command,
        env=stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        process_group=0,
    ) as deploy:
        assert deploy.stdout
        if look:
            while look() == before:  # poll fast, as the moment is short
                assert deploy.poll() is None, f"it never reached {step}"
                time.sleep(0.02)
        else:
            assert any(step in line for line in deploy.stdout), f"it never reached {step}"
        assert step != "Waiting until" or webs(stack) == 2
        os.killpg(deploy.pid, signal.SIGKILL)


@pytest.mark.parametrize("step", STEPS + MOMENTS)
def test_a_deploy_killed_at_a_step_succeeds_when_run_again(
    stack: Stack, tmp_path: Path, step: str
) -> None:
    name = f"{9000 + (STEPS + MOMENTS).index(step)}_extra"
    shown = stack.manage("showmigrations", "todos", "--plan").stdout.split()
    (last,) = [word.removeprefix("todos.") for word in shown if word.startswith("todos.")][-1:]
    operation = ADD_FIELD.format(n=9000 + (STEPS + MOMENTS).index(step))
    (tmp_path / f"{name}.py").write_text(MIGRATION.format(before=last, operation=operation))
    image = build(
        tmp_path, name, f"COPY {name}.py /app/todos/migrations/{name}.py", base=current(stack)
    )
    with Load(stack.address, stack.ca) as load:
        killed_at(stack, image, step)
        stack.deploy(image)
    assert in_service(stack) == id_of(image)
    assert load.failures == []
    assert stack.manage("doctor").returncode == 0
    tell(f"killed at {step}: {load.requests} requests, 0 failed")
