"""The doctor as its user calls it: in a process of its own, with an environment of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
WORD = "p@ss/of:the#test"  # a password with all that has to be escaped in a URL
IN_URL = quote(WORD, safe="")
KEY = "key-of-a-test-" * 5
# A production environment in which nothing is wrong but what a test adds.
GOOD = {"SECRET_KEY": KEY, "DOMAIN": "todo.example.org", "TRUSTED_PROXIES": "1"}
GOOD |= {
    "MAIL_FROM": "TodoMate <hello@example.org>",
    "DATABASE_URL": f"mysql://me:{IN_URL}@127.0.0.1:1/todomate",
}
EXPECTED = {"mail-not-set-up", "database-refused"}  # of GOOD as it is: nothing listens on port 1


@dataclass(frozen=True)
class Said:
    """`codes`: the level of each finding by its code; `text`: the sentences under it."""

    status: int
    last: str
    codes: dict[str, str]
    text: dict[str, str]

    def besides(self, *codes: str) -> dict[str, str]:
        """The findings but for some."""
        return {code: level for code, level in self.codes.items() if code not in codes}


def doctor(*arguments: str, **environment: str) -> Said:
    """Never quotes a secret, whatever is wrong."""
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
        WORD,
        IN_URL,
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
    return Said(done.returncode, last, codes, text)
