"""The guides of docs/ that an app's developer reads, rendered as pages."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# The pages in the order of their links, with the texts of the links. Guides for hosts are in the
# repository only.
MENU = {
    "build-an-app": "Build an app",
    "clients": "Clients",
    "tour": "Tour",
    "emails": "Emails",
    "offline": "Offline",
    "limits": "Limits",
    "browsers": "Browsers",
}
NAMES = tuple(MENU)
# Paths of this server that become links where a guide names them.
LINKED = re.compile(r"/api/docs/(codes/|requests\.http)?|/api/schema/(\?version=3\.0)?|/api/v1/")


class Guide(NamedTuple):
    """A rendered guide."""

    title: str
    html: SafeString


class GuideConverter:
    """The name of a guide in a URL."""

    regex = "|".join(map(re.escape, NAMES))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


@cache
def names() -> tuple[str, ...]:
    """Return the names of the guides that this server has."""
    return tuple(name for name in NAMES if _path(name).is_file())


def menu() -> list[tuple[str, str]]:
    """Return the names of the guides and the texts of the links to them."""
    return [(name, MENU[name]) for name in names()]


def guide(name: str) -> Guide | None:
    """Return a guide, rendered once, or None if there is none with this name."""
    return _render(name) if name in names() else None


@cache
def _render(name: str) -> Guide:
    """Render a guide that exists.

    HTML in a guide is shown as text, and links to files that are no pages become plain text.
    """
    # "js-default" has tables, and escapes HTML.
    markdown = MarkdownIt("js-default", {"linkify": False, "typographer": False})
    tokens = markdown.parse(_path(name).read_text("utf-8"))
    title = next(token.content for token in tokens if token.type == "inline")
    _prepare(tokens)
    html = markdown.renderer.render(tokens, markdown.options, {})
    html = html.replace("<table>", '<div class="table" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
    return Guide(title, mark_safe(html))  # noqa: S308  # the project's own files, HTML escaped


def _path(name: str) -> Path:
    return Path(settings.BASE_DIR) / "docs" / f"{name}.md"


def _prepare(tokens: list[Token]) -> None:
    """Give headings the ids that links to them have, and links the addresses of pages."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            token.attrSet("id", slug(following.content))
        token.attrs.pop("style", None)  # of aligned columns; the policy forbids it
        if token.children:
            token.children = _with_links(token.children)


def _with_links(children: list[Token]) -> list[Token]:
    kept = []
    is_dropped = False
    is_linked = False
    for token in children:
        is_linked = is_linked or token.type == "link_open"
        if token.type == "code_inline" and not is_linked and LINKED.fullmatch(token.content):
            start = Token("link_open", "a", 1, attrs={"href": token.content})
            kept += [start, token, Token("link_close", "a", -1)]
            continue
        if token.type == "link_open":
            address = page_address(str(token.attrGet("href")))
            is_dropped = not address
            token.attrSet("href", address)
        if not (is_dropped and token.type in ("link_open", "link_close")):
            kept.append(token)
        if token.type == "link_close":
            is_dropped = is_linked = False
    return kept


def page_address(target: str) -> str:
    """Return the address of a link on a page, or an empty string if it leads to no page."""
    if re.match("https?://|#", target):
        return target
    name, _, anchor = target.partition("#")
    if name == "../README.md":
        return "/api/docs/"
    name = name.removesuffix(".md")
    if name not in names():
        return ""
    return f"/api/docs/{name}/" + (f"#{anchor}" if anchor else "")


def slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    text = re.sub(r"[^\w\- ]", "", heading.lower())
    return text.strip().replace(" ", "-")
