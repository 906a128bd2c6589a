"""The steps of "To add a resource" (CONTRIBUTING.md): a forgotten one fails a test that names it.

Other steps are checked beside their subject: migrations in test_project.py, packages and urls in
test_architecture.py, rows of the access matrix in test_access_matrix.py, translations in
front/test_words.py.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.migrations.loader import MigrationLoader
from drf_spectacular.generators import SchemaGenerator

from resources.admin import ContentAdmin
from resources.models import Owned, OwnedQuerySet, Tombstone
from resources.serializers import OwnedSerializer
from tests.core.test_fast_lists import LISTS as FAST_LISTS
from tests.packages import ROOT, own_apps
from tests.plans.lists import LISTS
from tests.test_access_matrix import schema_operations
from tests.test_query_budgets import LISTS as BUDGETS
from todomate import urls


def resources() -> list[type[Owned]]:
    """Return the models of rows that belong to one person."""
    return [model for model in apps.get_models() if issubclass(model, Owned)]


def serializers_of(base: type) -> list[type]:
    """Return the serializers below `base` that belong to a model."""
    below = [each for kind in base.__subclasses__() for each in (kind, *serializers_of(kind))]
    return [each for each in below if hasattr(getattr(each, "Meta", None), "model")]


def lists() -> set[str]:
    """Return the operationIds of the lists of the schema."""
    return {name for name in schema_operations() if name.startswith("list_")}


@pytest.mark.parametrize("app", sorted(own_apps()))
def test_every_app_with_models_has_migrations(app: str) -> None:
    """`makemigrations --check` does not report an app without a migrations package."""
    with_migrations = MigrationLoader(None).migrated_apps
    for config in apps.get_app_configs():
        if config.name.partition(".")[0] == app and list(config.get_models()):
            assert config.label in with_migrations, (
                f"{config.name} has models and no migrations: run `TODOMATE_ENV=local"
                f" .venv/bin/python manage.py makemigrations {config.label}`."
            )


@pytest.mark.parametrize("model", resources(), ids=lambda model: model.__name__)
def test_every_resource_has_a_kind_that_tombstones_can_store(model: type[Owned]) -> None:
    where = f"{model.__module__}.{model.__name__}"
    kind = vars(model).get("kind")
    assert isinstance(kind, str), f'{where} has no kind: set `kind = "{model.__name__.lower()}"`.'
    longest = Tombstone._meta.get_field("kind").max_length
    assert 0 < len(kind) <= longest, f"The kind of {where} must have 1 to {longest} characters."
    others = [
        other.__name__
        for other in resources()
        if other is not model and vars(other).get("kind") == kind
    ]
    assert not others, f"{where} has the kind of {others[0]}: each model needs its own."


@pytest.mark.parametrize("model", resources(), ids=lambda model: model.__name__)
def test_every_resource_is_in_the_admin(model: type[Owned]) -> None:
    app = model.__module__.partition(".")[0]
    assert admin.site.is_registered(model), (
        f"The admin does not show {model.__name__}: register it in {app}/admin.py, with a"
        " ContentAdmin if it holds what people write, with a ReadOnlyAdmin otherwise."
    )


@pytest.mark.django_db
@pytest.mark.parametrize("model", resources(), ids=lambda model: model.__name__)
def test_every_resource_with_content_has_a_permission_to_read_it(model: type[Owned]) -> None:
    name = f"read_{model._meta.model_name}"
    if isinstance(admin.site._registry.get(model), ContentAdmin):
        held = Permission.objects.filter(content_type__app_label=model._meta.app_label)
        assert held.filter(codename=name).exists(), (
            f'No operator can read {model.__name__} in the admin: add ("{name}", "Can read …") to'
            " `permissions` of its Meta, and a migration."
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


# The fields that everybody who sees a row of another person sees. Everything else is private.
PUBLIC_FIELDS = {
    "Diary": {
        "id",
        "owner",
        "date",
        "body",
        "emoji",
        "temperature",
        "color",
        "visibility",
        "is_draft",
        "published_at",
        "allows_comments",
        "place",
        "latitude",
        "longitude",
        "hashtags",
        "photos",
        "created_at",
        "updated_at",
    },
    "Goal": {
        "id",
        "owner",
        "title",
        "color",
        "visibility",
        "state",
        "created_at",
        "updated_at",
    },
    "Todo": {
        "id",
        "owner",
        "goal",
        "title",
        "date",
        "time",
        "is_done",
        "photo",
        "done_at",
        "created_at",
        "updated_at",
    },
}


@pytest.mark.parametrize(
    "serializer", serializers_of(OwnedSerializer), ids=lambda each: each.__name__
)
def test_every_field_of_a_resource_is_public_or_private(
    serializer: type[OwnedSerializer[Owned]],
) -> None:
    model = serializer.Meta.model
    name = model.__name__
    is_shown = type(model._default_manager.all()).visible_to is not OwnedQuerySet.visible_to
    assert (name in PUBLIC_FIELDS) == is_shown, (
        f"PUBLIC_FIELDS of tests/test_recipe.py must name {name} if others can see its rows."
    )
    public = PUBLIC_FIELDS.get(name, set(serializer.Meta.fields))
    # The composed day adds `todos`, which it filters by itself.
    private = {"todos", *getattr(serializer.Meta, "private_fields", ())}
    shown = set(serializer.Meta.fields) - private
    assert shown == public, (
        f"{serializer.__name__} shows other fields to others than PUBLIC_FIELDS says: name a field"
        " in `private_fields` of its Meta if it is for the owner alone, or else in PUBLIC_FIELDS"
        " of tests/test_recipe.py."
    )


def test_every_filter_of_a_list_is_compared_with_fast_lists_off() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    for methods in schema["paths"].values():
        for operation in methods.values():
            name = operation["operationId"]
            if name not in FAST_LISTS:
                continue
            sent = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
            filters = sent - {"cursor", "page_size", "owner"}
            assert filters == set(FAST_LISTS[name].parameters) - {"owner"}, (
                f"{name} has other filters than those tried: change its row in LISTS of"
                " tests/core/test_fast_lists.py, and `filters` in tests/plans/lists.py."
            )
