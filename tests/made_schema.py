"""The schema as its tests read it."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator


@cache
def made_schema() -> dict[str, Any]:
    """Return the schema, which is generated once. Do not change it."""
    GENERATOR_STATS.reset()
    with translation.override("en"):  # as the server does; a test may have left another language
        made = SchemaGenerator().get_schema(request=None, public=True)
    return dict(
        yaml.safe_load(
            yaml.safe_dump(made, default_flow_style=False, allow_unicode=True, sort_keys=False)
        )
    )


def each_operation(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, op)
        for path, methods in schema["paths"].items()
        for method, op in methods.items()
    ]
