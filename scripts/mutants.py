"""Change one thing at a time in the most important rules, and run their tests against each change.

A change that no test fails on is a survivor: it is printed, and the run fails. All changes are made
in temporary copies of the checkout. The available tools do not mutate code outside of functions
(lists, defaults), and run all mutants in one process, which hypothesis refuses.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
# The file, its functions and classes (empty: all of it), and the tests that must fail.
TARGETS = (
    (
        "accounts/visibility.py",
        (),
        ("tests/accounts/test_visibility.py", "tests/feed/test_compare_timeline.py"),
    ),
    (
        "accounts/models/relations.py",
        ("blocks_between", "exists_for"),
        ("tests/accounts/test_visibility.py", "tests/accounts/test_get_user.py"),
    ),
    ("photos/links.py", (), ("tests/photos/test_picture_links.py",)),
    ("todos/recurrence.py", (), ("tests/todos/test_recurrence.py",)),
)
IGNORED = shutil.ignore_patterns(
    ".git", ".venv", "var", "node_modules", "__pycache__", ".*cache", ".cache", ".hypothesis"
)
TIMEOUT = 180  # seconds; a change that makes the tests hang counts as noticed
WORKERS = min(os.cpu_count() or 1, 4)

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
}
NAMES = {"max": "min", "min": "max", "any": "all", "all": "any"}
# Nodes with lists of members, each of which can be removed, and the names of these lists.
MEMBERS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.List: ("elts",),
    ast.Tuple: ("elts",),
    ast.Set: ("elts",),
    ast.BoolOp: ("values",),
    ast.Call: ("args", "keywords"),
}


# The parent, the name of its field, the index if the field is a list, and the node itself.
type Place = tuple[ast.AST, str, int | None, ast.AST]


@dataclass(frozen=True)
class Mutant:
    file: str
    tests: tuple[str, ...]
    line: int
    change: str
    source: str


def replacements(  # noqa: C901  # a list of cases
    node: ast.AST, siblings: dict[str, set[str]]
) -> Iterator[ast.AST]:
    """Yield the nodes to replace `node` by."""
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.Constant(value=str(value)):
            yield ast.Constant(f"XX{value}")
        case ast.Name(id=name) if name in NAMES:
            yield ast.Name(NAMES[name])
        case ast.Attribute(value=owner, attr=name) if name.isupper():
            yield from (
                ast.Attribute(owner, other)
                for other in sorted(siblings[ast.unparse(owner)] - {name})
            )
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Call(func=ast.Attribute(value=receiver)):
            yield receiver
        case ast.Assign() | ast.AugAssign() | ast.Expr() | ast.Return() | ast.Raise():
            yield ast.Pass()
    if type(node) in OPERATORS:
        yield from (other() for other in OPERATORS[type(node)])


def descendants(node: ast.AST) -> Iterator[Place]:
    """Yield every node below, with its place in its parent."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(child, ast.AST) and not is_irrelevant(child):
                yield node, name, index, child
                yield from descendants(child)


def is_irrelevant(node: ast.AST) -> bool:
    """Return whether it is a docstring, a text to translate or an import, which need no test."""
    match node:
        case (
            ast.Import()
            | ast.ImportFrom()
            | ast.Expr(value=ast.Constant())
            | ast.Call(func=ast.Name(id="_"))
        ):
            return True
    return False


def changes(tree: ast.Module, wanted: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Change `tree` in one place at a time and yield the line and a description; undo it after."""
    siblings: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.isupper():
            siblings.setdefault(ast.unparse(node.value), set()).add(node.attr)
    line = 0
    for parent, name, index, node in list(relevant_places(tree, wanted)):
        line = getattr(node, "lineno", line)
        for other in replacements(node, siblings):
            replace(parent, name, index, other)
            yield line, f"{describe(node)}  →  {describe(other)}"
            replace(parent, name, index, node)
        for members in MEMBERS.get(type(node), ()):
            rows: list[ast.AST] = getattr(node, members)
            whole = describe(node)
            for place, member in enumerate(list(rows)):
                if not is_irrelevant(member):
                    del rows[place]
                    yield line, f"{describe(member)} removed from {whole}"
                    rows.insert(place, member)


def relevant_places(tree: ast.Module, wanted: tuple[str, ...]) -> Iterator[Place]:
    """Yield the wanted functions and classes of a module, or all of it, and all nodes below."""
    for index, node in enumerate(tree.body):
        is_wanted = not wanted or getattr(node, "name", "") in wanted
        if is_wanted and not is_irrelevant(node):
            yield tree, "body", index, node
            yield from descendants(node)


def replace(parent: ast.AST, name: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node


def describe(node: ast.AST) -> str:
    text = (ast.unparse(node) or type(node).__name__).replace("\n", " ")
    return text if len(text) <= 90 else f"{text[:60]} … {text[-25:]}"


def mutants() -> Iterator[Mutant]:
    for file, wanted, tests in TARGETS:
        tree = ast.parse((ROOT / file).read_text())
        for line, change in changes(tree, wanted):
            yield Mutant(file, tests, line, change, ast.unparse(ast.fix_missing_locations(tree)))


def is_noticed(copy: Path, mutant: Mutant) -> bool:
    original = (copy / mutant.file).read_text()
    (copy / mutant.file).write_text(mutant.source)
    try:
        return not passes(copy, mutant.tests)
    finally:
        (copy / mutant.file).write_text(original)


def passes(copy: Path, tests: tuple[str, ...]) -> bool:
    # No bytecode: Python would use that of a file that has changed twice in one second.
    variables = os.environ | {
        "TODOMATE_ENV": "local",
        "DATABASE_URL": "sqlite://:memory:",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--no-migrations",
        "--hypothesis-seed=0",
    ]
    try:
        run = subprocess.run(
            [*pytest, *tests],
            cwd=copy,
            env=variables,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def main() -> int:
    everything = list(mutants())
    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        copies: Queue[Path] = Queue()
        for number in range(WORKERS):
            copies.put(shutil.copytree(ROOT, Path(folder) / str(number), ignore=IGNORED))
        for file, _wanted, tests in TARGETS:
            # Unparsed without a change: tests that fail on this would fail on every mutant.
            source = ast.unparse(ast.parse((ROOT / file).read_text()))
            if is_noticed(Path(folder) / "0", Mutant(file, tests, 0, "", source)):
                print(f"{' '.join(tests)} fails without a change: fix that first.")
                return 1

        def noticed(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return is_noticed(copy, mutant)
            finally:
                copies.put(copy)

        results = list(zip(everything, pool.map(noticed, everything), strict=True))
    survivors = [mutant for mutant, was_noticed in results if not was_noticed]
    for mutant in survivors:
        print(f"{mutant.file}:{mutant.line}: {mutant.change}")
    for file, _wanted, _tests in TARGETS:
        alive = sum(mutant.file == file for mutant in survivors)
        print(
            f"{file}: {sum(mutant.file == file for mutant in everything)} mutants, {alive} survived"
        )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
