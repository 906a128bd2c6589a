"""docs/asvs.md has all requirements of ASVS 5.0 of level 1 and 2, with tests that exist"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.test_project import tracked

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/asvs.md").read_text()
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| .+? \| (.+?) \| (.*) \|$", TEXT, re.MULTILINE)
VERDICTS = {"met", "partly", "the host", "does not apply", "not met"}
CRYPTOGRAPHY = re.compile(
    r"hashlib|hmac|cryptography|import secrets|core import signing|os\.urandom|ssl\.|md5", re.I
)
# Of version 5.0.0, by chapter: those of level 1 and those of level 2.
REQUIREMENTS = {
    1: (8, 19),
    2: (4, 7),
    3: (8, 11),
    4: (2, 8),
    5: (4, 5),
    6: (13, 22),
    7: (6, 12),
    8: (4, 3),
    9: (4, 3),
    10: (5, 24),
    11: (3, 11),
    12: (3, 6),
    13: (1, 12),
    14: (2, 7),
    15: (3, 10),
    16: (0, 16),
    17: (0, 7),
}


def test_it_has_every_requirement_of_level_1_and_2_once() -> None:
    numbers = [number for number, *_ in ROWS]
    assert len(set(numbers)) == len(numbers)
    found = Counter((int(number.split(".")[0]), level) for number, level, *_ in ROWS)
    for chapter, (first, second) in REQUIREMENTS.items():
        assert (found[chapter, "1"], found[chapter, "2"]) == (first, second), chapter
    assert (sum(one for one, _ in REQUIREMENTS.values()), len(ROWS)) == (70, 70 + 183)


def test_every_row_has_a_verdict_and_a_test_or_a_reason() -> None:
    for number, _level, verdict, shown in ROWS:
        assert verdict in VERDICTS, number
        assert shown, number
        reason = re.sub(r"`tests/\S+`,?", "", shown).strip()
        assert reason or "`tests/" in shown, number
        if verdict != "met":
            assert reason, f"{number}: say what is missing"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/\S+?\.py::\w+)`", TEXT))), ids=str)
def test_the_tests_exist(name: str) -> None:
    path, function = name.split("::")
    assert re.search(rf"^ *def {function}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_the_summary_counts_the_rows() -> None:
    counted = Counter(verdict for _number, _level, verdict, _shown in ROWS)
    for verdict in VERDICTS:
        assert f"| {verdict} | {counted[verdict]} |" in TEXT, (verdict, counted[verdict])


def test_the_inventory_names_what_the_code_uses() -> None:
    inventory = TEXT[TEXT.index("## Cryptography") : TEXT.index("## Requirements")]
    for path in tracked("*.py"):
        name = str(path.relative_to(ROOT))
        if "tests/" in name or name.startswith(("benchmarks/", "scripts/")):
            continue
        text = path.read_text()
        assert not re.search(r"hashlib\.(md5|sha1)", text), name
        if CRYPTOGRAPHY.search(text):
            assert f"`{name}`" in inventory, f"docs/asvs.md: what does {name} use?"
