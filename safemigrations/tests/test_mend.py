"""manage.py mend, after a migration was interrupted at each of its statements."""

from __future__ import annotations

import pytest

from safemigrations.tests.base import (
    database,
    interrupted,
    key_of,
    migrate,
    migrate_and_die,
    models_at,
    needs_mysql,
    run,
    schema,
)

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
LAST = 14
LAST_SERVED = 12  # no release runs on the schema of the later ones


def serve(number: int, mark: str) -> None:
    """Write and read a row as a release whose last migration is this one."""
    models = models_at(number)
    shelf = models.get_model("shop", "Shelf").objects.create(name=f"shelf {mark}")
    things = models.get_model("shop", "Thing").objects
    thing = things.create(shelf=shelf, label=f"label {mark}", price=7)
    thing.beside.add(shelf)
    assert things.get(label=thing.label, beside=shelf).price == 7


@pytest.mark.parametrize("number", range(1, LAST + 1))
def test_mend_completes_it_while_the_previous_release_serves(number: int) -> None:
    """Interrupt it after each statement; of many, after every fourth.

    The moment before the next statement is the same, since each one is committed by itself.
    """
    migrate(number - 1)
    statements = migrate_and_die(number)
    whole = schema()
    for at in range(0, statements, 1 if statements < 12 else 4):
        migrate(number - 1)
        migrate_and_die(number, at, after=True)
        if 1 < number <= LAST_SERVED:
            serve(number - 1, str(at))
        found = [str(one.migration) for one in interrupted()]
        assert found in ([], [f"shop.{key_of(number)[1]}"])
        assert ("is now complete" in run("mend")) == bool(found)
        migrate(number)
        assert schema() == whole, at
