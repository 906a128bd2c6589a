"""docs/self-host.md has every setting with its default, and the README links to it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "self-host.md").read_text("utf-8")


def settings_of_the_example() -> dict[str, str]:
    """Return the defaults in .env.example, which another test compares with the settings."""
    lines = (ROOT / ".env.example").read_text("utf-8")
    found = re.findall(r"^(#?)([A-Z_]+)=(.*)$", lines, re.MULTILINE)
    return {name: value if is_default else "" for is_default, name, value in found}


def test_the_guide_has_every_setting_with_its_default_and_a_meaning() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `?([^|]*?)`? \| (\S.*) \|$", GUIDE, re.MULTILINE)
    table = {name: default for name, default, _meaning in rows[-len(settings_of_the_example()) :]}
    assert table == settings_of_the_example()
    assert all(len(meaning) > 10 for _name, _default, meaning in rows[-len(table) :])


def test_the_guide_names_no_setting_that_does_not_exist() -> None:
    used = set(re.findall(r"--env ([A-Z_]+)=[a-z…]", GUIDE)) - {"NAME"}
    assert used <= settings_of_the_example().keys()


def test_the_readme_links_to_it() -> None:
    assert "(docs/self-host.md)" in (ROOT / "README.md").read_text("utf-8")
