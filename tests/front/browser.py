"""Load pages in Debian's chromium and report what it shows."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class PageReport:
    """The properties of a loaded page, its console messages and accessibility violations."""

    title: str
    language: str
    text: str
    width: int
    messages: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


def chromium() -> str:
    """Return the path of chromium; skip the test without it, or fail in CI."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have chromium: apt-get install chromium")
        pytest.skip("chromium is not installed")
    return path


def in_browser[R](work: Callable[[Any], R]) -> R:
    """Run `work` with a new browser, in a thread.

    Playwright starts an event loop, and Django refuses queries in a thread that runs one.
    """
    path = chromium()
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(_run, path, work).result()


def _run[R](path: str, work: Callable[[Any], R]) -> R:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # slow, and needed only with a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            return work(browser)
        finally:
            browser.close()


@contextmanager
def page_of(browser: Any, url: str, **options: Any) -> Iterator[tuple[Any, list[str]]]:
    """Yield the loaded page and the list to which its console messages are appended."""
    context = browser.new_context(**options)
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: messages.append(f"error: {error}"))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    try:
        yield page, messages
    finally:
        context.close()


def inspect(page: Any, messages: list[str]) -> PageReport:
    """Check the page with axe and return its properties."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  # as above

    found = Axe().run(page).response["violations"]
    return PageReport(
        title=page.title(),
        language=page.get_attribute("html", "lang"),
        text=page.inner_text("body"),
        width=page.evaluate("document.documentElement.scrollWidth"),
        messages=messages,
        violations=[f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]],
    )
