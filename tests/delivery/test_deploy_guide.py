"""Test that names and commands in docs/deploy.md exist."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.delivery.compose import MYSQL, services
from tests.delivery.template import ROOT, Template

GUIDE = (ROOT / "docs" / "deploy.md").read_text()
FENCED = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
BLOCKS = [text for kind, text in FENCED if kind == "console"]
FILES = [text for kind, text in FENCED if not kind]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_commands_is_valid_shell(block: str) -> None:
    read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


def test_all_outputs_of_the_template_are_used() -> None:
    for name in Template().body["Outputs"]:
        assert re.search(rf"\b{name}\b", GUIDE), name


def test_the_parameters_are_those_of_the_template() -> None:
    parameters = Template().body["Parameters"]
    required = {name for name, parameter in parameters.items() if "Default" not in parameter}
    given = set(re.findall(r"\b([A-Z][a-z]+[A-Za-z]*)=", GUIDE))
    assert required <= given <= set(parameters)


def test_all_variables_of_the_workflow_are_set() -> None:
    used = set(
        re.findall(r"vars\.(\w+)", (ROOT / ".github" / "workflows" / "deploy.yml").read_text())
    )
    assert set(re.findall(r"gh variable set (\w+)", GUIDE)) == used


def test_the_settings_exist() -> None:
    known = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    written = set(re.findall(r"^([A-Z_]+)=", "".join(FILES), re.MULTILINE))
    assert written
    assert written - {"COMPOSE_FILE", "AWS_REGION"} <= known


def test_the_commands_of_deploy_sh_exist() -> None:
    script = (ROOT / "deploy.sh").read_text()
    commands = set(re.findall(r"\./deploy\.sh ([a-z]+)\b(?!\.)", GUIDE))
    assert commands >= {"init", "rollback", "status", "reload", "compose"}
    for command in commands:
        assert re.search(rf"^    {command}\)", script, re.MULTILINE), command


def test_it_states_what_was_not_tested() -> None:
    assert "**never run on AWS**" in GUIDE
    assert "**never run on GitHub**" in GUIDE
    assert "**never ran them in a swarm**" in GUIDE


def test_the_socket_is_that_of_mysql() -> None:
    named = set(re.findall(r"--socket=(\S+?)[ ']", GUIDE))
    assert {f"--socket={path}" for path in named} == set(
        re.findall(r"--socket=\S+", " ".join(services(MYSQL)["mysql"]["command"]))
    )


def test_the_step_before_a_stack_has_a_project_of_its_own() -> None:
    (project,) = re.findall(r"--project-name (\S+)", GUIDE)
    (stack,) = re.findall(r"docker stack deploy --compose-file \S+ (\S+)", GUIDE)
    assert project != stack


def test_the_env_file_is_valid_shell() -> None:
    (block,) = [text for text in FILES if "MAIL_FROM" in text]
    read = subprocess.run(
        ["bash", "-c", f'set -eu\n{block}\nprintf %s "$MAIL_FROM"'],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (read.stdout, read.stderr) == ("TodoMate <todo@your-name.org>", "")
