"""Plugin that pytest loads before Django reads its settings (addopts in pyproject.toml).

It selects the local settings, so that the tests run without any environment variable. At the end
it compares the problems that the tests have seen with those that the schema lists.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

DIFFERENCES = pytest.StashKey[list[str]]()

os.environ.setdefault("TODOMATE_ENV", "local")


def pytest_configure() -> None:
    """Compare each cached query that a test runs with the query the ORM would run."""
    from django.conf import settings  # noqa: PLC0415  # the variable must be set first

    settings.CHECK_COMPILED_QUERIES = True
    settings.FAST_LISTS = os.environ.get("FAST_LISTS") != "off"


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect what the tests of an xdist worker have seen."""
    from tests import seen_problems  # noqa: PLC0415  # as above

    for *seen, test in getattr(node, "workeroutput", {}).get("seen_problems", ()):
        seen_problems.SEEN.setdefault(tuple(seen), test)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if a problem was seen that its operation does not list, or a listed one was not seen.

    The latter can be told of the whole suite only, on a database without a private rule of its own.
    """
    from tests import seen_problems  # noqa: PLC0415  # as above

    config: Any = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["seen_problems"] = [(*k, v) for k, v in seen_problems.SEEN.items()]
        return
    is_whole = (
        config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and not (config.option.keyword or config.option.markexpr or config.option.collectonly)
        and not session.shouldfail
        and not session.shouldstop
    )
    config.stash[DIFFERENCES] = seen_problems.differences(is_whole=is_whole)
    if config.stash[DIFFERENCES]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if found := config.stash.get(DIFFERENCES, []):
        terminalreporter.section("The schema lists other problems than the tests have seen")
        for line in found:
            terminalreporter.line(line)


@pytest.fixture(autouse=True)
def send_mail_before_the_next_test() -> Iterator[None]:
    """Send what a test has posted, so that it does not arrive in the outbox of another one."""
    yield
    if mail := sys.modules.get("accounts.mailing.mail"):
        mail.flush()


@pytest.fixture(autouse=True)
def _full_quotas() -> None:
    """Fill the quotas of this process, which earlier tests have used up."""
    from core import quotas  # noqa: PLC0415  # as above

    quotas.buckets.clear()
    quotas.row_counts.clear()
