"""Read the catalogues of translations and the marked texts without gettext's tools."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from tests.packages import server_packages

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "todomate" / "locale" / "ko" / "LC_MESSAGES"
APPS = sorted(server_packages())
# Functions that mark texts → the positions of the arguments that are msgids.
FUNCTIONS = {
    "_": (0,),
    "gettext": (0,),
    "gettext_lazy": (0,),
    "ngettext": (0, 1),
    "count_message": (1, 2),
}
TAG = re.compile(r"""\{%-?\s*(?:translate|trans)\s+(["'])(.*?)\1""")
BLOCK = re.compile(
    r"\{%\s*blocktranslate trimmed\s*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL
)


def written() -> dict[str, str]:
    """Return msgid → msgstr of the .po file; a plural has an entry for each of its msgids."""
    entries: dict[str, str] = {}
    for block in (LOCALE / "django.po").read_text("utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := re.match(r'(msgid_plural|msgid|msgstr(?:\[0\])?) (".*")$', line):
                name, parts[match[1]] = match[1], ast.literal_eval(match[2])
            elif line.startswith('"'):
                parts[name] += ast.literal_eval(line)
        text = parts.get("msgstr", parts.get("msgstr[0]", ""))
        entries |= {parts[name]: text for name in ("msgid", "msgid_plural") if name in parts}
    return entries


def compiled() -> dict[str, str]:
    """Return msgid → msgstr of the .mo file, with plurals by their singular."""
    with (LOCALE / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    return {key[0] if isinstance(key, tuple) else key: text for key, text in catalogue.items()}


def marked() -> set[str]:
    """Return the msgids that are marked in our code and templates."""
    found: set[str] = set()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            if not {"migrations", "demo", "tests"} & set(file.parts):
                found.update(_in_python(file))
        for file in (ROOT / app).rglob("*.html"):
            text = file.read_text("utf-8")
            found.update(match[2] for match in TAG.finditer(text))
            found.update(match[1].strip() for match in BLOCK.finditer(text))
    return found


def _in_python(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for place in FUNCTIONS.get(node.func.id, ()):
                if len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    text = node.args[place].value
                    if isinstance(text, str):
                        yield text
