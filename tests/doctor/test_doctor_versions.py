"""Test the check of the database server's version."""

from __future__ import annotations

import pytest

from operations.doctor.database import examine_version


class VersionCursor:
    """A cursor of a server with this version."""

    def __init__(self, text: str) -> None:
        self.text = text

    def execute(self, statement: str) -> None:
        assert statement == "SELECT VERSION()"

    def fetchall(self) -> list[tuple[str]]:
        return [(self.text,)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5.7.44", "The database is MySQL 5.7,"),
        ("8.0.40-0ubuntu0.24.04.1", "The database is MySQL 8.0,"),
        ("10.6.18-MariaDB", "The database is MariaDB 10.6,"),
        ("5.5.5-10.4.1-MariaDB-log", "The database is MariaDB "),
    ],
)
def test_an_old_version_is_an_error(text: str, message: str) -> None:
    found = examine_version(VersionCursor(text))
    assert found is not None
    assert (found.code, found.level) == ("database-too-old", "error")
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    "text", ["8.4.0", "9.7.4-2", "10.11.6-MariaDB-0+deb12u1", "5.5.5-11.4.2-MariaDB"]
)
def test_a_supported_version_has_no_finding(text: str) -> None:
    assert examine_version(VersionCursor(text)) is None
