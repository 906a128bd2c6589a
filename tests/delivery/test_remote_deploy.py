"""Test scripts/remote-deploy with the real `aws` and a fake Systems Manager on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.delivery.systems_manager import (
    DEPLOY,
    IMAGE,
    INSTANCE,
    SystemsManager,
    environment,
    systems_manager,
)
from tests.delivery.template import ROOT


@pytest.fixture(autouse=True)
def aws() -> None:
    if shutil.which("aws") is None or shutil.which("jq") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have aws and jq")
        pytest.skip("aws or jq is not installed: scripts/remote-deploy is not run")


def deploy(server: SystemsManager, **more: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | environment(server) | more
    return subprocess.run(
        ["scripts/remote-deploy"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_the_server_pulls_and_deploys_the_image_by_its_digest(tmp_path: Path) -> None:
    with systems_manager(tmp_path) as server:
        server.waits = 2
        done = deploy(server)
    assert (done.returncode, server.looks) == (0, 3), done.stderr
    assert done.stdout.splitlines()[-2:] == [f"deployed {IMAGE}", ""]
    # deploy.sh does the rest, under its lock.
    assert server.log.read_text() == f"pull --quiet {IMAGE}\n"
    assert (server.server_folder / "deploy.sh").read_text().endswith(DEPLOY)


def test_a_failed_deploy_fails_here_with_its_output(tmp_path: Path) -> None:
    with systems_manager(
        tmp_path, "echo 'not ready; rolled back'; echo because >&2; exit 3"
    ) as server:
        done = deploy(server)
    assert done.returncode == 1
    assert "not ready; rolled back" in done.stdout
    assert "because" in done.stderr
    assert "The deploy ended as Failed (Failed, exit status 3)" in done.stderr


def test_nothing_is_run_if_the_image_cannot_be_pulled(tmp_path: Path) -> None:
    with systems_manager(tmp_path, PULL_FAILS="yes") as server:
        done = deploy(server)
    assert done.returncode == 1
    assert "denied" in done.stderr
    assert "deployed" not in done.stdout


@pytest.mark.parametrize(
    "image",
    ["ghcr.io/sora/todomate:latest", "", "$(reboot)", f"{IMAGE}; reboot", f"{IMAGE}\nreboot"],
)
def test_an_image_without_a_digest_is_refused_before_anything_is_sent(
    tmp_path: Path, image: str
) -> None:
    with systems_manager(tmp_path) as server:
        done = deploy(server, IMAGE=image)
    assert done.returncode == 1
    assert "it must be an image with its digest" in done.stderr
    assert server.running is None


def test_an_image_of_another_repository_is_refused_by_the_document(tmp_path: Path) -> None:
    with systems_manager(tmp_path) as server:
        done = deploy(server, IMAGE=IMAGE.replace("sora", "somebody"))
    assert done.returncode == 1
    assert "InvalidParameters" in done.stderr
    assert "The command was not sent to the server" in done.stderr
    assert server.running is None


def test_the_role_cannot_deploy_to_another_instance(tmp_path: Path) -> None:
    with systems_manager(tmp_path) as server:
        done = deploy(server, AWS_INSTANCE_ID=INSTANCE[:-1] + "1")
    assert done.returncode == 1
    assert "AccessDenied" in done.stderr


def test_a_missing_instance_is_reported(tmp_path: Path) -> None:
    with systems_manager(tmp_path) as server:
        done = deploy(server, AWS_INSTANCE_ID="")
    assert done.stderr == "AWS_INSTANCE_ID is ''; it must be the instance's id, i-…\n"
