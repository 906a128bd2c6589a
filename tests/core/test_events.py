"""docs/logs.md lists the security events that the code emits"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.test_project import tracked
from tests.test_settings import GOOD, read

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "docs" / "logs.md"
COMMON = {"person"}


def documented() -> dict[str, set[str]]:
    """Return the facts of each event in the table."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", LOGS.read_text(), re.M)
    return {event: set(re.findall(r"`(\w+)`", facts)) for event, facts in rows}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield the place of each call of security_event, and the call."""
    for path in tracked("*.py"):
        name = str(path.relative_to(ROOT))
        if name.startswith("tests/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            if isinstance(called, ast.Name) and called.id == "security_event":
                assert isinstance(node, ast.Call)
                yield f"{name}:{node.lineno}", node


def test_events_are_logged_whatever_the_level_of_the_log_is() -> None:
    for level in ("DEBUG", "ERROR", "CRITICAL"):
        logging = read(GOOD | {"LOG_LEVEL": level})["LOGGING"]
        assert logging["loggers"]["todomate.security"]["level"] == "INFO"
        assert "level" not in logging["handlers"]["console"]


def test_every_documented_event_is_emitted() -> None:
    emitted = {getattr(call.args[0], "value", None) for _place, call in calls()}
    planned = set(re.findall(r"^\| `(\w+)` \| not yet: ", LOGS.read_text(), re.MULTILINE))
    assert documented().keys() - planned <= emitted, "docs/logs.md: an event that nothing emits"


def test_every_event_is_documented_with_its_facts() -> None:
    events = documented()
    for place, call in calls():
        event = call.args[0]
        assert isinstance(event, ast.Constant), f"{place}: name the event there"
        assert event.value in events, f"{place}: docs/logs.md has no event {event.value}"
        facts = {keyword.arg for keyword in call.keywords} - COMMON
        assert facts <= events[str(event.value)], f"{place}: {facts} are not in docs/logs.md"
