"""Work out which statements of a migration have run, from the real schema.

DDL of MySQL is not transactional: an interrupted migration has run its first statements and not the
others. Each statement is atomic, so the schema shows how far the migration came.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from safemigrations.introspection import ForeignKey, read_schema
from safemigrations.names import quote_name

# applied, pending: the schema shows that the statement ran, or that it did not.
# conflict: something with the same name exists, but this statement cannot have created it.
# unknown: the schema cannot tell, and the statement may run again (MODIFY, SET DEFAULT, UPDATE).
State = Literal["applied", "pending", "conflict", "unknown"]
Parameters = Any  # a sequence, or None if the statement has no placeholders
# A part of the schema: its kind (table, column, index, foreign key, check), its table, its name. A
# table itself has the name "".
SchemaObject = tuple[str, str, str]
# What an object consists of: an index of columns, a foreign key of more. None for other kinds.
Structure = tuple[str, ...] | ForeignKey | None
Columns = dict[str, tuple[str, str]]  # type and nullability by name, in the server's words


class Statement(NamedTuple):
    """A statement of a schema editor. `optional`: it only runs on some states of the schema."""

    sql: str
    params: Parameters = None
    optional: bool = False


@dataclass
class Schema:
    """The real schema of a database, and what each object consists of."""

    connection: BaseDatabaseWrapper
    objects: dict[SchemaObject, Structure] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: BaseDatabaseWrapper) -> "Schema":
        """Read the schema of the connection's database."""
        objects: dict[SchemaObject, Structure] = {}
        for name, table in read_schema(connection).items():
            objects["table", name, ""] = None
            objects |= {("column", name, column): None for column in table.columns}
            objects |= {("check", name, check): None for check in table.checks}
            objects |= {("index", name, key): one.columns for key, one in table.indexes.items()}
            objects |= {("foreign key", name, key): one for key, one in table.foreign_keys.items()}
        return cls(connection, objects)

    def describe_columns(self, table: str) -> Columns:
        """Return the columns of a table as the server describes them."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SHOW COLUMNS FROM {quote_name(table)}")
            return {name: (str(type_), null) for name, type_, null, *_ in cursor.fetchall()}

    def describe_definition(self, table: str, definition: str, params: Parameters) -> Columns:
        """Return the columns that a table of this definition would have.

        Create it briefly as a temporary table, which hides the real one and is seen by this
        connection only.
        """
        with self.connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {quote_name(table)} {definition}", params)
            try:
                return self.describe_columns(table)
            finally:
                cursor.execute(f"DROP TEMPORARY TABLE {quote_name(table)}")


@dataclass(frozen=True)
class Effect:
    """A statement's effect on the schema: it creates and removes objects.

    `structure`: what a created index or foreign key consists of, where the statement tells.
    `definition`: of a created table or column, to be compared by the server. Columns that later
    statements of the same migration modify are not compared.
    """

    description: str
    creates: tuple[SchemaObject, ...] = ()
    removes: tuple[SchemaObject, ...] = ()
    structure: Structure = None
    definition: str = ""

    @property
    def objects(self) -> tuple[SchemaObject, ...]:
        """Return all objects it creates or removes."""
        return self.creates + self.removes

    def state(self, schema: Schema, params: Parameters, modified_later: set[SchemaObject]) -> State:
        """Return whether the schema has this effect."""
        if not self.objects:
            return "unknown"
        created = {one in schema.objects for one in self.creates}
        remaining = {one in schema.objects for one in self.removes}
        if created == {True, False} or (created and created == remaining):
            return "conflict"  # partly created; or of a rename both names exist, or neither
        if False in created or True in remaining:
            return "pending"
        return "applied" if self._matches(schema, params, modified_later) else "conflict"

    def describe_conflict(self) -> str:
        """Return in which way the schema differs from this effect."""
        if self.creates and self.removes:
            return f"{self.description}: both names exist, or neither"
        return f"{self.description} exists with a different definition"

    def _matches(
        self, schema: Schema, params: Parameters, modified_later: set[SchemaObject]
    ) -> bool:
        """Return whether the created object has the structure and definition of the statement."""
        if self.structure is not None:
            return schema.objects[self.creates[0]] == self.structure
        if not self.definition:
            return True
        kind, table, column = self.creates[0]
        expected = schema.describe_definition(table, self.definition, params)
        real = schema.describe_columns(table)
        if kind == "column":
            real = {column: real[column]}
        return all(
            expected.get(name) == real.get(name)
            for name in expected.keys() | real.keys()
            if ("column", table, name) not in modified_later
        )


def _parse_columns(columns: str) -> tuple[str, ...] | None:
    """Return the names in a list such as "`a`, `b` DESC"; None if it contains an expression."""
    column = r"`[^`]+`(?: (?:ASC|DESC))?"
    if not re.fullmatch(rf"\s*{column}(?:, {column})*\s*", columns):
        return None
    return tuple(re.findall("`([^`]+)`", columns))


def _create_table(table: str, definition: str) -> Effect:
    return Effect(f"table {table}", creates=(("table", table, ""),), definition=definition)


def _add_column(table: str, column: str, definition: str) -> Effect:
    # A foreign key added in the same statement does not change the column.
    alone = definition.split(", ADD CONSTRAINT `", maxsplit=1)[0]
    return Effect(
        f"column {column} of {table}",
        creates=(("column", table, column),),
        definition=f"(`{column}` {alone})",
    )


def _add_index(name: str, table: str, columns: str) -> Effect:
    return Effect(
        f"index {name} of {table}",
        creates=(("index", table, name),),
        structure=_parse_columns(columns),
    )


def _add_unique(table: str, name: str, columns: str) -> Effect:
    return _add_index(name, table, columns)


def _add_foreign_key(table: str, name: str, columns: str, other: str, others: str) -> Effect:
    key = ForeignKey(_parse_columns(columns) or (), other, _parse_columns(others) or ())
    return Effect(
        f"foreign key {name} of {table}", creates=(("foreign key", table, name),), structure=key
    )


def _add_check(table: str, name: str) -> Effect:
    return Effect(f"check {name} of {table}", creates=(("check", table, name),))


def _add_primary_key(table: str, columns: str) -> Effect:
    return Effect(
        f"primary key of {table}",
        creates=(("index", table, "PRIMARY"),),
        structure=_parse_columns(columns),
    )


def _remove(kind: str) -> Callable[[str, str], Effect]:
    def effect(table: str, name: str) -> Effect:
        return Effect(f"removal of {kind} {name} of {table}", removes=((kind, table, name),))

    return effect


def _drop_table(table: str) -> Effect:
    return Effect(f"removal of table {table}", removes=(("table", table, ""),))


def _drop_index(name: str, table: str) -> Effect:
    return _remove("index")(table, name)


def _drop_primary_key(table: str) -> Effect:
    return Effect(f"removal of the primary key of {table}", removes=(("index", table, "PRIMARY"),))


def _rename_table(old: str, new: str) -> Effect:
    return Effect(
        f"new name {new} of table {old}",
        creates=(("table", new, ""),),
        removes=(("table", old, ""),),
    )


def _rename(kind: str) -> Callable[[str, str, str], Effect]:
    def effect(table: str, old: str, new: str) -> Effect:
        return Effect(
            f"new name {new} of {kind} {old} of {table}",
            creates=((kind, table, new),),
            removes=((kind, table, old),),
        )

    return effect


NAME = "`([^`]+)`"
# The statements of django.db.backends.mysql.schema. For any other the state is "unknown": it runs
# again, which either does no harm or is refused by the server. Nothing is skipped by mistake.
FORMS: tuple[tuple[re.Pattern[str], Callable[..., Effect]], ...] = tuple(
    (re.compile(re.sub(r"\bNAME\b", NAME, form), re.DOTALL), effect)
    for form, effect in (
        (r"CREATE TABLE NAME (\(.*\))", _create_table),
        (r"DROP TABLE NAME(?: CASCADE)?", _drop_table),
        (r"RENAME TABLE NAME TO NAME", _rename_table),
        (r"ALTER TABLE NAME ADD COLUMN NAME (.*)", _add_column),
        (r"ALTER TABLE NAME DROP COLUMN NAME", _remove("column")),
        (r"ALTER TABLE NAME RENAME COLUMN NAME TO NAME", _rename("column")),
        (
            r"CREATE (?:UNIQUE |FULLTEXT |SPATIAL )?INDEX NAME ON NAME \((.*)\)[^()]*",
            _add_index,
        ),
        (r"ALTER TABLE NAME ADD CONSTRAINT NAME UNIQUE \((.*)\)", _add_unique),
        (r"ALTER TABLE NAME ADD CONSTRAINT NAME CHECK \(.*\)", _add_check),
        (
            r"ALTER TABLE NAME ADD CONSTRAINT `[^`]+` PRIMARY KEY \((.*)\)",
            _add_primary_key,
        ),
        (
            r"ALTER TABLE NAME ADD CONSTRAINT NAME FOREIGN KEY \(([^)]*)\)"
            r" REFERENCES NAME ?\(([^)]*)\).*",
            _add_foreign_key,
        ),
        (r"DROP INDEX NAME ON NAME", _drop_index),
        (r"ALTER TABLE NAME DROP INDEX NAME", _remove("index")),
        (r"ALTER TABLE NAME DROP FOREIGN KEY NAME", _remove("foreign key")),
        (r"ALTER TABLE NAME DROP CHECK NAME", _remove("check")),
        (r"ALTER TABLE NAME DROP PRIMARY KEY", _drop_primary_key),
        (r"ALTER TABLE NAME RENAME INDEX NAME TO NAME", _rename("index")),
    )
)


def effect_of(sql: str) -> Effect:
    """Return the statement's effect; one without objects if the schema cannot show it."""
    statement = sql.strip().rstrip(";")
    for form, effect in FORMS:
        if match := form.fullmatch(statement):
            return effect(*match.groups())
    return Effect(statement)


@dataclass(frozen=True)
class Progress:
    """The state of a list of statements: the first `applied` of them have run.

    `done` and `missing` describe the effects. `conflict` says why the schema cannot be the result
    of these statements alone, or is empty; with a conflict the other attributes mean nothing.
    """

    applied: int
    done: list[str]
    missing: list[str]
    conflict: str = ""


def measure_progress(schema: Schema, statements: list[Statement]) -> Progress:
    """Return how far these statements, which run in this order, came before an interruption."""
    effects = [effect_of(statement.sql) for statement in statements]
    states = list(_states(schema, effects, statements))
    applied = max((i + 1 for i, state in enumerate(states) if state == "applied"), default=0)
    done = [
        effect.description
        for effect, state in zip(effects, states, strict=True)
        if state == "applied"
    ]
    missing = [effect.description for effect in effects[applied:]]
    conflict = ""
    if "conflict" in states:
        conflict = effects[states.index("conflict")].describe_conflict()
    elif "pending" in states[:applied]:
        gap = effects[states.index("pending")].description
        conflict = f"{done[-1]} is done, but an earlier change is not: {gap}"
    return Progress(applied, done, missing, conflict)


def _states(schema: Schema, effects: list[Effect], statements: list[Statement]) -> Iterator[State]:
    """Yield the state of each statement; "unknown" if other statements make the schema ambiguous.

    - An index that is dropped and created again under the same name exists before and after, so
      only its absence tells something.
    - The first of several statements about an object may have been undone by a later one.
    - An optional statement may not have run at all.
    """
    seen: set[SchemaObject] = set()
    for place, (effect, statement) in enumerate(zip(effects, statements, strict=True)):
        following = effects[place + 1 :]
        touched_later = {one for other in following for one in other.objects}
        modified_later = touched_later | _modified_columns(following)
        dropped_later = {
            table for other in following for kind, table, _ in other.removes if kind == "table"
        }
        state: State = "unknown"
        if not seen & set(effect.objects):
            state = effect.state(schema, statement.params, modified_later)
            undone = modified_later & set(effect.objects) or dropped_later & {
                table for _, table, _ in effect.objects
            }
            if (undone or statement.optional) and state in {"pending", "conflict"}:
                state = "unknown"
        seen |= set(effect.objects)
        yield state


def _modified_columns(effects: list[Effect]) -> set[SchemaObject]:
    """Return the columns whose type these statements change.

    Their effect has no objects, and the statement itself as its description.
    """
    form = re.compile(rf"ALTER TABLE {NAME} (?:MODIFY|CHANGE) {NAME}")
    matches = (form.match(effect.description) for effect in effects)
    return {("column", match[1], match[2]) for match in matches if match}
