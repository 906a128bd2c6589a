"""Parse generated Swift and Dart, whose compilers neither PyPI nor npm has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import tree_sitter_dart
import tree_sitter_swift
from tree_sitter import Language, Node, Parser

LANGUAGES = {
    "swift": (".swift", tree_sitter_swift.language),
    "dart": (".dart", tree_sitter_dart.language),
}
FROM_SCHEMA = {"api", "apis", "model", "models"}


def parse_errors(name: str, folder: Path) -> tuple[int, list[str]]:
    """Return the number of files that were made of the schema, and where they are not valid.

    The generator's own files are the same for every schema.
    """
    suffix, language = LANGUAGES[name]
    parser = Parser(Language(language()))
    files = sorted(p for p in folder.rglob(f"*{suffix}") if p.parent.name.lower() in FROM_SCHEMA)
    errors = []
    for path in files:
        for node in invalid_nodes(parser.parse(path.read_bytes()).root_node):
            line = node.start_point.row + 1
            errors.append(f"{path.relative_to(folder)}:{line}: {(node.text or b'')[:80]!r}")
    return len(files), errors


def invalid_nodes(node: Node) -> Iterator[Node]:
    """Yield what the parser could not read, and what it misses."""
    if node.is_error or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from invalid_nodes(child)
