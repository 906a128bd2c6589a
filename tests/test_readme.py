"""Run the commands of the README's walk through a day against a real server."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.server import running_server

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()
END = "@end of the answer@"

# Values that differ in each run: ids made by the server, instants, today, tokens.
VARIES = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "<instant>"),
    (r'"today":"\d{4}-\d\d-\d\d"', '"today":"<today>"'),
    (r'"(access|refresh)":"[^"]+"', r'"\1":"<token>"'),
]


def walk() -> list[tuple[str, str]]:
    """Return the commands of the README with the answers printed below them."""
    steps: list[tuple[str, str]] = []
    for block in re.findall(r"^```console\n(\$ .*?)^```", README, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, answer = step.partition("\n")
            steps.append((command, answer.strip()))
    return steps


def plain(text: str) -> str:
    """Replace the values that differ in each run."""
    for pattern, name in VARIES:
        text = re.sub(pattern, name, text)
    return text.strip()


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_walk_print_the_answers_of_the_readme(tmp_path: Path) -> None:
    steps = walk()
    assert len(steps) > 15
    with running_server(tmp_path) as address:
        commands = [command.replace("http://127.0.0.1:8000", address) for command, _answer in steps]
        script = "".join(f"{command}\nprintf '\\n{END}\\n'\n" for command in commands)
        done = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=True)
    answers = done.stdout.split(f"\n{END}\n")[: len(steps)]
    for (command, expected), answer in zip(steps, answers, strict=True):
        assert plain(answer) == plain(expected), command
