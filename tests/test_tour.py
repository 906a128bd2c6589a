"""The commands of docs/tour.md, run as they stand there against a real server."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.server import running_server

TOUR = (Path(__file__).resolve().parent.parent / "docs" / "tour.md").read_text()
END = "@end of the answer@"

# Values that differ between two runs: ids made by the server, instants, today, tokens.
VARIES = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "<instant>"),
    (r'"today": "\d{4}-\d\d-\d\d"', '"today": "<today>"'),
    (r'"(access|refresh)": "[^"]+"', r'"\1": "<token>"'),
    (r'"request_id": "[0-9a-f]{32}"', '"request_id": "<id>"'),
]


def steps_of(page: str) -> list[tuple[str, str]]:
    """Return the commands of a page with the answers printed below them.

    A command goes on in the next line while a backslash or a quote is open.
    """
    steps: list[tuple[str, str]] = []
    for block in re.findall(r"^```console\n(\$ .*?)^```", page, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = step.splitlines()
            size = 1
            while lines[size - 1].endswith("\\") or "\n".join(lines[:size]).count("'") % 2:
                size += 1
            steps.append(("\n".join(lines[:size]), "\n".join(lines[size:])))
    return steps


def comparable(answer: str) -> str:
    """Return the answer without the values and the layout that differ between two runs."""
    if answer.strip().startswith("{"):
        answer = json.dumps(json.loads(answer), ensure_ascii=False)
    for pattern, name in VARIES:
        answer = re.sub(pattern, name, answer)
    return answer.strip()


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_tour_answer_what_the_page_says(tmp_path: Path) -> None:
    steps = steps_of(TOUR)
    assert len(steps) > 15
    with running_server(tmp_path) as address:
        commands = [command.replace("http://127.0.0.1:8000", address) for command, _answer in steps]
        script = "".join(f"{command}\nprintf '\\n{END}\\n'\n" for command in commands)
        done = subprocess.run(["bash"], input=script, capture_output=True, text=True, check=True)
    answers = done.stdout.split(f"\n{END}\n")[: len(steps)]
    for (command, expected), answer in zip(steps, answers, strict=True):
        assert comparable(answer) == comparable(expected), command
