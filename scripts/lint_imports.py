"""Check who imports whom: the contracts in pyproject.toml, and that they name every package.

A package that no contract names would be free to import anything, so it is an error. Run by
`make arrows`; takes the root of another checkout as its argument (used by the tests).
"""

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

from importlinter.cli import lint_imports

# Not part of the server: tests may import everything.
EXEMPT = {"tests"}


def packages(root: Path) -> set[str]:
    """Return the names of the top-level packages of a checkout."""
    return {path.parent.name for path in root.glob("*/__init__.py")} - EXEMPT


def layers(contract: dict[str, Any]) -> set[str]:
    """Return the packages that a layers contract names, as a whole or not at all."""
    return {module.strip() for layer in contract["layers"] for module in layer.split("|")}


def unnamed(root: Path) -> dict[str, set[str]]:
    """Return the packages missing from each list of import-linter's configuration."""
    with (root / "pyproject.toml").open("rb") as file:
        config = tomllib.load(file)["tool"]["importlinter"]
    by_type = {contract["type"]: contract for contract in config["contracts"]}
    named = {
        "root_packages": set(config["root_packages"]),
        "layers": layers(by_type["layers"]),
        "ancestors": set(by_type["acyclic_siblings"]["ancestors"]),
    }
    missing = {name: packages(root) - names for name, names in named.items()}
    return {name: names for name, names in missing.items() if names}


def main(root: Path) -> int:
    """Print what is wrong. Return 1 if there is anything."""
    os.chdir(root)
    sys.path.insert(0, str(root))
    missing = unnamed(root)
    for name, names in missing.items():
        print(
            f"The package {', '.join(sorted(names))} is not in `{name}` of [tool.importlinter] in"
            " pyproject.toml: add it to the layer in which it belongs (ARCHITECTURE.md).",
            file=sys.stderr,
        )
    return 1 if missing else lint_imports()


if __name__ == "__main__":
    checkout = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).resolve().parent.parent
    sys.exit(main(checkout.resolve()))
