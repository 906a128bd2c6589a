"""Helpers for the tests of a project: find the lists that are slow, and the reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models.sql.compiler import SQLCompiler
from django.urls import URLPattern, get_resolver

from fastlists.mixins import FastListMixin
from fastlists.projection import NotProjectable, projection_of


def list_views(urlconf: Any = None) -> Iterator[Any]:
    """Yield, for each GET route to a viewset with FastListMixin, an instance with its action.

    `retrieve` is left out: it shows one row.
    """
    yield from _views_below(get_resolver(urlconf).url_patterns)


def _views_below(patterns: Any) -> Iterator[Any]:
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            yield from _views_below(pattern.url_patterns)
            continue
        route: Any = pattern.callback
        kind = getattr(route, "cls", object)
        action = (getattr(route, "actions", None) or {}).get("get", "retrieve")
        if issubclass(kind, FastListMixin) and action != "retrieve":
            view: Any = kind(**route.initkwargs)
            view.action, view.request, view.format_kwarg = action, None, None
            yield view


def slow_lists(urlconf: Any = None) -> list[str]:
    """Return, for each list whose rows cannot be read from columns, a sentence that says why."""
    reasons = []
    for view in list_views(urlconf):
        try:
            projection_of(view.get_serializer_class())
        except NotProjectable as reason:
            reasons.append(f"{type(view).__name__}.{view.action}: {reason}")
    return list(dict.fromkeys(reasons))


@contextmanager
def compilations() -> Iterator[list[str]]:
    """Yield a list that grows with every statement that the ORM compiles, subqueries included."""
    compiled: list[str] = []
    as_sql = SQLCompiler.as_sql

    def count(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        compiled.append(str(self.query.model))
        return as_sql(self, *args, **kwargs)

    with patch.object(SQLCompiler, "as_sql", count):
        yield compiled
