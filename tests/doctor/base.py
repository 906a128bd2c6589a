"""Run `manage.py doctor` as an operator does: in a process and an environment of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "p@ss/of:the#test"  # with characters that a URL has to escape
QUOTED_PASSWORD = quote(PASSWORD, safe="")
KEY = "key-of-a-test-" * 5
# A production environment without faults, to which a test adds one.
VALID_ENV = {"SECRET_KEY": KEY, "DOMAIN": "todo.example.org", "TRUSTED_PROXIES": "1"}
VALID_ENV |= {
    "MAIL_FROM": "TodoMate <hello@example.org>",
    "DATABASE_URL": f"mysql://me:{QUOTED_PASSWORD}@127.0.0.1:1/todomate",
}
EXPECTED = {"mail-not-set-up", "database-refused"}  # of VALID_ENV: nothing listens on port 1


@dataclass(frozen=True)
class Report:
    """The output of the doctor: the level and the text of each finding, by code."""

    status: int
    last: str
    codes: dict[str, str]
    text: dict[str, str]

    def codes_except(self, *codes: str) -> dict[str, str]:
        """Return the levels of all findings except for some."""
        return {code: level for code, level in self.codes.items() if code not in codes}


def doctor(*arguments: str, **environment: str) -> Report:
    """Run the doctor, and check that its output has a known form and contains no secret."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == "", done.stderr
    for secret in (
        PASSWORD,
        QUOTED_PASSWORD,
        KEY,
        *filter(None, [environment.get("SECRET_KEY"), environment.get("REDIS_URL")]),
    ):
        assert secret not in done.stdout
    *findings, last = done.stdout.splitlines()
    found = re.findall(
        r"^(error|warning|note) \[([\w-]+)\]: (.*(?:\n  .*)+)", "\n".join(findings), re.MULTILINE
    )
    assert len(found) == sum(not line.startswith("  ") for line in findings), done.stdout
    codes = {code: level for level, code, _ in found}
    text = {code: "\n".join(words for _, other, words in found if other == code) for code in codes}
    assert done.returncode == ("error" in codes.values()), done.stdout
    return Report(done.returncode, last, codes, text)
