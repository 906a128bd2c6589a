"""The steps of "To add a resource" (CONTRIBUTING.md): a forgotten one fails a test that names it.

Other steps are checked beside their subject: migrations in test_project.py, packages and urls in
test_architecture.py, rows of the access matrix in test_access_matrix.py, translations in
front/test_words.py.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin

from resources.models import Owned, Tombstone
from tests.packages import ROOT
from tests.plans.lists import LISTS
from tests.test_access_matrix import schema_operations
from tests.test_query_budgets import LISTS as BUDGETS
from todomate import urls


def resources() -> list[type[Owned]]:
    """Return the models of rows that belong to one person."""
    return [model for model in apps.get_models() if issubclass(model, Owned)]


def lists() -> set[str]:
    """Return the operationIds of the lists of the schema."""
    return {name for name in schema_operations() if name.startswith("list_")}


@pytest.mark.parametrize("model", resources(), ids=lambda model: model.__name__)
def test_every_resource_has_a_kind_that_tombstones_can_store(model: type[Owned]) -> None:
    where = f"{model.__module__}.{model.__name__}"
    kind = vars(model).get("kind")
    assert isinstance(kind, str), f'{where} has no kind: set `kind = "{model.__name__.lower()}"`.'
    longest = Tombstone._meta.get_field("kind").max_length
    assert 0 < len(kind) <= longest, f"The kind of {where} must have 1 to {longest} characters."
    others = [other.__name__ for other in resources() if other is not model and other.kind == kind]
    assert not others, f"{where} has the kind of {others[0]}: each model needs its own."


@pytest.mark.parametrize("model", resources(), ids=lambda model: model.__name__)
def test_every_resource_is_in_the_admin(model: type[Owned]) -> None:
    app = model.__module__.partition(".")[0]
    assert admin.site.is_registered(model), (
        f"The admin does not show {model.__name__}: register it in {app}/admin.py, with a"
        " ContentAdmin if it holds what people write, with a ReadOnlyAdmin otherwise."
    )


@pytest.mark.parametrize("app", urls.APPS)
def test_every_app_of_the_api_has_tests(app: str) -> None:
    assert list((ROOT / "tests" / app).glob("test_*.py")), (
        f"tests/{app}/ has no test: add tests/{app}/__init__.py and a file test_<verb>_<noun>.py"
        " for each action."
    )


def test_every_list_has_a_query_budget() -> None:
    missing = sorted(lists() - set(BUDGETS))
    assert not missing, (
        f"{', '.join(missing)} has no query budget: add it to LISTS in tests/test_query_budgets.py,"
        " with its path and a function that creates rows."
    )


def test_every_list_has_a_row_for_its_query_plans() -> None:
    """The plans themselves are checked on MySQL only (tests/plans/test_query_plans.py)."""
    missing = sorted(lists() - set(LISTS))
    assert not missing, (
        f"The query plans of {', '.join(missing)} are not checked: add it to LISTS in"
        " tests/plans/lists.py, with its path, table and the values of its filters."
    )
