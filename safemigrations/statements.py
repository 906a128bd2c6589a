"""What a statement of Django's schema editor for MySQL leaves behind, and whether the real schema has it.

DDL is not transactional here: a migration that is killed has done its first statements and not the others. Each of them
is atomic by itself, so what is there tells how far it came.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

# there: the schema has the effect. missing: it does not. other: something of that name is there, but not this.
# unknown: the schema cannot tell, and the statement may run twice (MODIFY, SET DEFAULT, UPDATE).
State = Literal["there", "missing", "other", "unknown"]
Parameters = Any  # a sequence, or None where the statement holds no placeholder
# What a statement makes or takes away: its kind, its table and its name. Kinds: table (without a name), column, index,
# key (a foreign one), check.
Thing = tuple[str, str, str]


class Statement(NamedTuple):
    """What a schema editor is told to run. `optional`: whether it is among them depends on the schema."""

    sql: str
    params: Parameters = None
    optional: bool = False


@dataclass
class Schema:
    """The real schema of one database: each thing with what it consists of."""

    connection: BaseDatabaseWrapper
    things: dict[Thing, Any] = field(default_factory=dict)

    QUESTIONS = (
        ("table", "SELECT TABLE_NAME, '', NULL FROM information_schema.TABLES"),
        ("column", "SELECT TABLE_NAME, COLUMN_NAME, NULL FROM information_schema.COLUMNS"),
        ("check", "SELECT TABLE_NAME, CONSTRAINT_NAME, NULL FROM information_schema.TABLE_CONSTRAINTS"),
        (
            "index",
            "SELECT TABLE_NAME, INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX)"
            " FROM information_schema.STATISTICS",
        ),
        (
            "key",
            "SELECT TABLE_NAME, CONSTRAINT_NAME, CONCAT(GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION), ' ',"
            " MAX(REFERENCED_TABLE_NAME), ' ', GROUP_CONCAT(REFERENCED_COLUMN_NAME ORDER BY ORDINAL_POSITION))"
            " FROM information_schema.KEY_COLUMN_USAGE",
        ),
    )
    ENDS = {
        "check": " AND CONSTRAINT_TYPE = 'CHECK'",
        "index": " GROUP BY TABLE_NAME, INDEX_NAME",
        "key": " AND REFERENCED_TABLE_NAME IS NOT NULL GROUP BY TABLE_NAME, CONSTRAINT_NAME",
    }

    @classmethod
    def of(cls, connection: BaseDatabaseWrapper) -> "Schema":
        schema = cls(connection)
        with connection.cursor() as cursor:
            for kind, question in cls.QUESTIONS:
                cursor.execute(f"{question} WHERE TABLE_SCHEMA = DATABASE(){cls.ENDS.get(kind, '')}")
                schema.things |= {(kind, table, name): made_of for table, name, made_of in cursor.fetchall()}
        return schema

    def columns(self, table: str) -> dict[str, tuple[str, str]]:
        """Each column's type and whether it may be NULL, in the server's words."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SHOW COLUMNS FROM `{table}`")
            return {name: (str(type_), null) for name, type_, null, *_ in cursor.fetchall()}

    def columns_of(self, table: str, definition: str, params: Parameters) -> dict[str, tuple[str, str]]:
        """The same of a table with this definition: made for a moment, and seen by this connection alone."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE `{table}` {definition}", params)
            try:
                return self.columns(table)
            finally:
                cursor.execute(f"DROP TEMPORARY TABLE `{table}`")


@dataclass(frozen=True)
class Effect:
    """`makes` are there afterwards, `takes` are not; `words` say it. `made_of`: what an index or a key consists of.

    `definition` of a table or a column is what the server is asked to compare; columns that later statements of the
    same migration change are left out of that.
    """

    words: str
    makes: tuple[Thing, ...] = ()
    takes: tuple[Thing, ...] = ()
    made_of: str | None = None
    definition: str = ""

    @property
    def things(self) -> tuple[Thing, ...]:
        return self.makes + self.takes

    def state(self, schema: Schema, params: Parameters, changed_later: set[Thing]) -> State:
        if not self.things:
            return "unknown"
        made = {thing in schema.things for thing in self.makes}
        left = {thing in schema.things for thing in self.takes}
        if (True in made and False in made) or (self.makes and self.takes and made == left):
            return "other"
        if False in made or True in left:
            return "missing"
        return "there" if self._is_same(schema, params, changed_later) else "other"

    def _is_same(self, schema: Schema, params: Parameters, changed_later: set[Thing]) -> bool:
        if self.made_of is not None:
            return bool(schema.things[self.makes[0]] == self.made_of)
        if not self.definition:
            return True
        kind, table, column = self.makes[0]
        wanted = schema.columns_of(table, self.definition, params)
        real = schema.columns(table)
        if kind == "column":
            real = {column: real[column]}
        ours = {name for name in wanted.keys() | real.keys() if ("column", table, name) not in changed_later}
        return all(wanted.get(name) == real.get(name) for name in ours)


def _names(columns: str) -> str | None:
    """`a`, `b` DESC → "a,b"; None where there is an expression among them, which no name stands for."""
    parts = re.fullmatch(r"\s*`[^`]+`(?: (?:ASC|DESC))?(?:, `[^`]+`(?: (?:ASC|DESC))?)*\s*", columns)
    return ",".join(re.findall("`([^`]+)`", columns)) if parts else None


def _create_table(table: str, definition: str) -> Effect:
    return Effect(f"table {table}", makes=(("table", table, ""),), definition=definition)


def _add_column(table: str, column: str, definition: str) -> Effect:
    alone = re.split(r", ADD CONSTRAINT `", definition)[0]
    return Effect(f"column {column} of {table}", makes=(("column", table, column),), definition=f"(`{column}` {alone})")


def _add_index(name: str, table: str, columns: str) -> Effect:
    return Effect(f"index {name} of {table}", makes=(("index", table, name),), made_of=_names(columns))


def _add_unique(table: str, name: str, columns: str) -> Effect:
    return _add_index(name, table, columns)


def _add_key(table: str, name: str, columns: str, other: str, others: str) -> Effect:
    made_of = f"{_names(columns)} {other} {_names(others)}"
    return Effect(f"foreign key {name} of {table}", makes=(("key", table, name),), made_of=made_of)


def _add_check(table: str, name: str) -> Effect:
    return Effect(f"check {name} of {table}", makes=(("check", table, name),))


def _add_primary(table: str, columns: str) -> Effect:
    return Effect(f"primary key of {table}", makes=(("index", table, "PRIMARY"),), made_of=_names(columns))


def _take(kind: str, words: str) -> Callable[[str, str], Effect]:
    def effect(table: str, name: str) -> Effect:
        return Effect(f"removal of {words} {name} of {table}", takes=((kind, table, name),))

    return effect


def _drop_table(table: str) -> Effect:
    return Effect(f"removal of table {table}", takes=(("table", table, ""),))


def _drop_index(name: str, table: str) -> Effect:
    return _take("index", "index")(table, name)


def _drop_primary(table: str) -> Effect:
    return Effect(f"removal of the primary key of {table}", takes=(("index", table, "PRIMARY"),))


def _rename_table(old: str, new: str) -> Effect:
    return Effect(f"new name {new} of table {old}", makes=(("table", new, ""),), takes=(("table", old, ""),))


def _rename(kind: str) -> Callable[[str, str, str], Effect]:
    def effect(table: str, old: str, new: str) -> Effect:
        return Effect(
            f"new name {new} of {kind} {old} of {table}", makes=((kind, table, new),), takes=((kind, table, old),)
        )

    return effect


NAME = "`([^`]+)`"
# The forms of django.db.backends.mysql.schema. A statement that is none of them may run twice, or is refused by the
# server when it does: nothing is skipped by mistake.
FORMS: tuple[tuple[re.Pattern[str], Callable[..., Effect]], ...] = tuple(
    (re.compile(re.sub(r"\bNAME\b", NAME, form), re.DOTALL), effect)
    for form, effect in (
        (r"CREATE TABLE NAME (\(.*\))", _create_table),
        (r"DROP TABLE NAME(?: CASCADE)?", _drop_table),
        (r"RENAME TABLE NAME TO NAME", _rename_table),
        (r"ALTER TABLE NAME ADD COLUMN NAME (.*)", _add_column),
        (r"ALTER TABLE NAME DROP COLUMN NAME", _take("column", "column")),
        (r"ALTER TABLE NAME RENAME COLUMN NAME TO NAME", _rename("column")),
        (r"CREATE (?:UNIQUE |FULLTEXT |SPATIAL )?INDEX NAME ON NAME \((.*)\)[^()]*", _add_index),
        (r"ALTER TABLE NAME ADD CONSTRAINT NAME UNIQUE \((.*)\)", _add_unique),
        (r"ALTER TABLE NAME ADD CONSTRAINT NAME CHECK \(.*\)", _add_check),
        (r"ALTER TABLE NAME ADD CONSTRAINT `[^`]+` PRIMARY KEY \((.*)\)", _add_primary),
        (
            r"ALTER TABLE NAME ADD CONSTRAINT NAME FOREIGN KEY \(([^)]*)\) REFERENCES NAME ?\(([^)]*)\).*",
            _add_key,
        ),
        (r"DROP INDEX NAME ON NAME", _drop_index),
        (r"ALTER TABLE NAME DROP INDEX NAME", _take("index", "index")),
        (r"ALTER TABLE NAME DROP FOREIGN KEY NAME", _take("key", "foreign key")),
        (r"ALTER TABLE NAME DROP CHECK NAME", _take("check", "check")),
        (r"ALTER TABLE NAME DROP PRIMARY KEY", _drop_primary),
        (r"ALTER TABLE NAME RENAME INDEX NAME TO NAME", _rename("index")),
    )
)


def effect_of(sql: str) -> Effect:
    """What the statement leaves behind; an effect without things where the schema cannot tell whether it ran."""
    statement = sql.strip().rstrip(";")
    for form, effect in FORMS:
        if found := form.fullmatch(statement):
            return effect(*found.groups())
    return Effect(statement)


@dataclass(frozen=True)
class Progress:
    """How far a list of statements came: the first `done` of them ran, `has` and `lacks` say it in words.

    `in_the_way`: why what is there cannot come of these statements alone; no more is to be believed then.
    """

    done: int
    has: list[str]
    lacks: list[str]
    in_the_way: str = ""


def progress(schema: Schema, statements: list[Statement]) -> Progress:
    """How far these statements, which run in this order, came before they broke off."""
    effects = [effect_of(statement.sql) for statement in statements]
    states = list(_states(schema, effects, statements))
    done = max((place + 1 for place, state in enumerate(states) if state == "there"), default=0)
    has = [effect.words for effect, state in zip(effects, states, strict=True) if state == "there"]
    lacks = [effect.words for effect in effects[done:]]
    in_the_way = ""
    if "other" in states:
        in_the_way = f"{effects[states.index('other')].words} is there, but not as it would be made"
    elif "missing" in states[:done]:
        gap = effects[states.index("missing")].words
        in_the_way = f"{has[-1]} is there, but what comes before it is not: {gap}"
    return Progress(done, has, lacks, in_the_way)


def _states(schema: Schema, effects: list[Effect], statements: list[Statement]) -> Iterator[State]:
    """Each statement's state, but unknown where other statements of the list make the schema ambiguous.

    An index that is dropped and made anew under its name is there before and after: only that it is gone tells
    something. Where the first of several statements about a thing has no effect to be seen, it may have been undone.
    What is optional may not have been there to run.
    """
    seen: set[Thing] = set()
    for place, (effect, statement) in enumerate(zip(effects, statements, strict=True)):
        later = {thing for other in effects[place + 1 :] for thing in other.things} | _modified(effects[place + 1 :])
        gone = {table for other in effects[place + 1 :] for kind, table, _ in other.takes if kind == "table"}
        state: State = "unknown"
        if not seen & set(effect.things):
            state = effect.state(schema, statement.params, later)
            undone = later & set(effect.things) or gone & {table for _, table, _ in effect.things}
            if (undone or statement.optional) and state in {"missing", "other"}:
                state = "unknown"
        seen |= set(effect.things)
        yield state


def _modified(effects: list[Effect]) -> set[Thing]:
    """The columns whose type later statements change (their words are the statement itself)."""
    found = (re.match(rf"ALTER TABLE {NAME} (?:MODIFY|CHANGE) {NAME}", effect.words) for effect in effects)
    return {("column", match[1], match[2]) for match in found if match}
