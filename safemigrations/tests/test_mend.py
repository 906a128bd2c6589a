"""manage.py mend, after a migration was killed before or after each of its statements"""

from __future__ import annotations

import pytest

from safemigrations.tests.base import (
    database,
    findings,
    migrate,
    migrate_and_die,
    models_at,
    name_of,
    needs_mysql,
    run,
    schema,
)

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
LAST = 14
SERVED = 12  # no release runs on what comes after


def serve(number: int, mark: str) -> None:
    """What a release does whose last migration is this one: write a row and read it."""
    models = models_at(number)
    shelf = models.get_model("shop", "Shelf").objects.create(name=f"shelf {mark}")
    things = models.get_model("shop", "Thing").objects
    thing = things.create(shelf=shelf, label=f"label {mark}", price=7)
    thing.beside.add(shelf)
    assert things.get(label=thing.label, beside=shelf).price == 7


@pytest.mark.parametrize("number", range(1, LAST + 1))
def test_killed_after_each_statement_it_is_named_and_brought_to_its_end_while_the_release_before_serves(
    number: int,
) -> None:
    """Before the next statement is the same place: each one is committed by itself. Of many, each fourth."""
    migrate(number - 1)
    statements = migrate_and_die(number)
    whole = schema()
    for at in range(0, statements, 1 if statements < 12 else 4):
        migrate(number - 1)
        migrate_and_die(number, at, after=True)
        if 1 < number <= SERVED:
            serve(number - 1, str(at))
        broken = findings().get("migration-broken-off")
        assert broken is None or f"shop.{name_of(number)[1]} broke off" in broken.says
        said = run("mend")
        assert ("is complete now" in said) == (broken is not None)
        migrate(number)
        assert schema() == whole, at
