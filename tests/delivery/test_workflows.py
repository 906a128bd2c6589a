"""Test that workflows run what .ci/run runs, with minimal rights and no long-lived keys."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.delivery.template import ROOT

# The commits of these releases' tags. No other action and no other commit is used.
ACTIONS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/attest-build-provenance": ("a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32", "v4.1.0"),
    "docker/setup-buildx-action": ("37fe631027851001ddb9b187196cc803df7f5f0e", "v4.3.0"),
    "docker/build-push-action": ("53b7df96c91f9c12dcc8a07bcb9ccacbed38856a", "v7.3.0"),
    "docker/login-action": ("4907a6ddec9925e35a0a9e82d7399ccc52663121", "v4.1.0"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
}
# Make targets that another one includes: `scripts/test all` runs all of them.
COMPRISED = {"make test": {"make test-sqlite", "make test-mysql", "make test-postgres"}}
# The permissions of a job besides reading the code.
RIGHTS = {
    ("deploy", "image"): {"packages", "id-token", "attestations"},
    ("deploy", "deploy"): {"id-token"},
}
FILES = sorted((ROOT / ".github" / "workflows").iterdir())
WORKFLOWS: dict[str, dict[Any, Any]] = {
    path.stem: yaml.safe_load(path.read_text()) for path in FILES
}
# YAML 1.1 reads the key `on` as true.
ON: Any = True


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the name of the workflow, the name of the job, and the job."""
    for workflow, body in WORKFLOWS.items():
        for name, job in body["jobs"].items():
            yield workflow, name, job


def steps() -> Iterator[dict[str, Any]]:
    for _, _, job in jobs():
        yield from job.get("steps", [])


def commands(text: str) -> set[str]:
    """Return the make targets (`make check`) and scripts (`scripts/lock`) that a script runs.

    Arguments, quoted texts and comments are ignored.
    """
    found = set()
    for line in text.replace("\\\n", " ").splitlines():
        plain = re.sub(r"""(?:^|\s)#.*|"(?:\\.|[^"\\])*"|'[^']*'""", " ", line)
        found |= set(re.findall(r"(?<![\w./])scripts/[\w-]+(?![\w.-])", plain))
        for after in re.findall(r"(?<![\w-])make((?:\s+[^\s;|&()]+)+)", plain):
            found |= {
                f"make {word}" for word in after.split() if re.fullmatch(r"[a-z][a-z-]*", word)
            }
    return found.union(*(COMPRISED.get(command, set()) for command in found))


# The first changes the kernel that runs it, which is that of a machine for this one run; the other
# needs it.
ONLY_ON_GITHUB = {"scripts/emulate-arm64", "scripts/try-arm64"}


def runs() -> list[str]:
    return [step["run"] for step in steps() if "run" in step]


def test_quoted_texts_and_comments_are_not_commands() -> None:
    script = """# make lint
    make -j 2 --output-sync=target check # scripts/lock
    PORT=$1 make run >"$folder/log" 2>&1 &
    die "make image failed" 'scripts/bench'
    "$python" -m package scripts/deploy && source scripts/lib.sh
    """
    assert commands(script) == {"make check", "make run", "scripts/deploy"}


def test_there_are_two_workflows() -> None:
    assert set(WORKFLOWS) == {"ci", "deploy"}


@pytest.mark.parametrize("run", sorted(set(runs())))
def test_every_run_line_is_one_command_of_ci_run(run: str) -> None:
    assert len(shlex.split(run)) == (2 if run.startswith("make ") else 1), "arguments go into env"
    assert commands(run) == {run}
    assert run in commands((ROOT / ".ci" / "run").read_text()) | ONLY_ON_GITHUB


@pytest.mark.parametrize("run", sorted(set(runs())))
def test_every_run_line_is_a_make_target_or_a_script(run: str) -> None:
    if run.startswith("make "):
        makefile = (ROOT / "Makefile").read_text().replace("\\\n", "")
        phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
        assert phony
        assert run.removeprefix("make ") in phony[1].split()
    else:
        assert (ROOT / run).stat().st_mode & 0o111


def test_no_run_line_has_an_expression() -> None:
    assert not [run for run in runs() if "${{" in run], (
        "GitHub would insert its value into the script"
    )


def test_every_action_is_pinned_to_a_verified_commit() -> None:
    for path in FILES:
        for line in re.findall(r"uses: (.*)", path.read_text()):
            if line == "$/.github/workflows/ci.yml":
                continue
            match = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40}) # (v[\d.]+)", line)
            assert match, line
            assert ACTIONS[match[1]] == (match[2], match[3])


def test_jobs_and_steps_use_no_images() -> None:
    assert not [name for _, name, job in jobs() if {"container", "services"} & set(job)]
    assert not [step for step in steps() if str(step.get("uses", "")).startswith("docker://")]


def test_no_workflow_uses_a_long_lived_key() -> None:
    for path in FILES:
        text = path.read_text().lower()
        for word in (
            "aws-access-key-id",
            "aws-secret-access-key",
            "aws-session-token",
            "aws_access_key",
            "aws_secret",
        ):
            assert word not in text, path.name
        assert "secrets." not in text, path.name
        assert not re.search(r"(?<![a-z0-9])(akia|asia)[a-z0-9]{16}", text), path.name
        assert "secrets: inherit" not in text, path.name


def test_only_the_environment_production_assumes_the_role_in_aws() -> None:
    entered = [
        (name, job, step)
        for _, name, job in jobs()
        for step in job.get("steps", [])
        if "aws-actions" in str(step)
    ]
    ((name, job, step),) = entered
    assert name == "deploy"
    assert job["environment"] == "production"
    assert set(step["with"]) == {"role-to-assume", "aws-region"}
    assert step["with"]["role-to-assume"] == "${{ vars.AWS_ROLE_ARN }}"


def test_only_jobs_have_permissions() -> None:
    assert [body["permissions"] for body in WORKFLOWS.values()] == [{}] * len(WORKFLOWS)
    for workflow, name, job in jobs():
        allowed = dict(job["permissions"])
        assert allowed.pop("contents") == "read"
        assert set(allowed) == RIGHTS.get((workflow, name), set()), name
        assert set(allowed.values()) <= {"write"}


def test_no_checkout_persists_its_token() -> None:
    checkouts = [step for step in steps() if "actions/checkout" in step.get("uses", "")]
    assert checkouts
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(checkouts)


def test_the_last_release_is_fetched() -> None:
    checkout = WORKFLOWS["ci"]["jobs"]["last-release"]["steps"][0]
    assert checkout["with"]["fetch-depth"] == 0


def test_every_job_has_a_timeout() -> None:
    for _, name, job in jobs():
        assert "uses" in job or 0 < job["timeout-minutes"] <= 60, name


def test_pull_requests_do_not_get_the_rights_of_main() -> None:
    for body in WORKFLOWS.values():
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(body[ON])


class TestCi:
    def test_every_python_runs_with_every_database(self) -> None:
        matrix = WORKFLOWS["ci"]["jobs"]["tests"]["strategy"]["matrix"]
        assert matrix["python"] == ["3.12", "3.13", "3.14"]
        products = list(dict.fromkeys(name.split(":")[0] for name in matrix["database"]))
        assert products == ["SQLite", "mysql", "mariadb", "postgres"]
        assert "mysql:8.4" in matrix["database"]

    def test_all_checks_are_run(self) -> None:
        ran = {
            step["run"]
            for job in WORKFLOWS["ci"]["jobs"].values()
            for step in job["steps"]
            if "run" in step
        }
        words = (
            "check",
            "delivery",
            "test-sqlite",
            "test-mysql",
            "schemathesis",
            "test-last-release",
            "image",
        )
        assert {f"make {word}" for word in words} <= ran

    def test_the_image_is_tested_behind_real_proxies(self) -> None:
        (step,) = [
            step
            for step in WORKFLOWS["ci"]["jobs"]["image"]["steps"]
            if step.get("run") == "scripts/system-packages"
        ]
        assert step["env"]["PACKAGES"].split() == ["nginx", "caddy"]

    def test_only_runs_of_pull_requests_are_cancelled(self) -> None:
        assert (
            WORKFLOWS["ci"]["concurrency"]["cancel-in-progress"]
            == "${{ github.event_name == 'pull_request' }}"
        )
        assert "pull_request.number" in WORKFLOWS["ci"]["concurrency"]["group"]

    def test_main_is_tested_once(self) -> None:
        assert set(WORKFLOWS["ci"][ON]) == {"pull_request", "workflow_call", "workflow_dispatch"}
        assert WORKFLOWS["deploy"]["jobs"]["ci"]["uses"] == "$/.github/workflows/ci.yml"


class TestDeploy:
    def test_it_runs_on_main_and_manually(self) -> None:
        assert WORKFLOWS["deploy"][ON] == {
            "push": {"branches": ["main"]},
            "workflow_dispatch": None,
        }
        for name in ("image", "deploy"):
            assert WORKFLOWS["deploy"]["jobs"][name]["if"].startswith(
                "github.ref == 'refs/heads/main'"
            )

    def test_only_tested_commits_are_built_and_deployed(self) -> None:
        body = WORKFLOWS["deploy"]["jobs"]
        assert body["image"]["needs"] == "ci"
        assert body["deploy"]["needs"] == ["ci", "image"]

    def test_runs_are_serial_and_not_cancelled(self) -> None:
        concurrency = WORKFLOWS["deploy"]["concurrency"]
        assert concurrency["cancel-in-progress"] is False
        assert concurrency["group"].startswith(
            "${{ github.ref == 'refs/heads/main' && 'production' || "
        )

    def test_the_image_has_an_sbom_and_provenance(self) -> None:
        built, arm, tried, signed = WORKFLOWS["deploy"]["jobs"]["image"]["steps"][-4:]
        assert (built["with"]["push"], built["with"]["sbom"], built["with"]["provenance"]) == (
            True,
            True,
            "mode=max",
        )
        assert signed["with"]["subject-digest"] == "${{ steps.build.outputs.digest }}"
        name = "${{ steps.name.outputs.name }}@${{ steps.build.outputs.digest }}"
        assert arm == {"run": "scripts/try-arm64", "env": {"IMAGE": name}}
        assert tried == {"run": "make image", "env": {"IMAGE": name}}, (
            "what was pushed is what is tried, before it is signed"
        )

    def test_the_built_image_is_deployed_by_its_digest(self) -> None:
        body = WORKFLOWS["deploy"]["jobs"]
        assert body["image"]["outputs"]["image"].endswith("@${{ steps.build.outputs.digest }}")
        assert body["deploy"]["steps"][-1]["env"]["IMAGE"] == "${{ needs.image.outputs.image }}"
