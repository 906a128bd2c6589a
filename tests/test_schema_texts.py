"""The texts of the schema: summaries, descriptions of fields and parameters, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.made_schema import each_operation, made_schema


@pytest.fixture
def schema() -> dict[str, Any]:
    return made_schema()


def test_every_operation_has_a_short_summary_of_its_own(schema: dict[str, Any]) -> None:
    summaries = [op.get("summary", "") for _path, _method, op in each_operation(schema)]
    assert len(summaries) == len(set(summaries))
    for summary in summaries:
        assert re.fullmatch(r"[A-Z].{3,48}[^.]", summary), summary


def test_every_tag_is_described_and_used(schema: dict[str, Any]) -> None:
    described = [tag["name"] for tag in schema["tags"] if tag["description"]]
    used = {tag for _path, _method, op in each_operation(schema) for tag in op["tags"]}
    assert len(described) == len(set(described))
    assert set(described) == used


def places(schema: dict[str, Any], path: str, tags: list[str]) -> list[int]:
    return [tags.index(op["tags"][0]) for op in schema["paths"][path].values()]


def test_paths_are_in_the_order_of_the_tags(schema: dict[str, Any]) -> None:
    tags = [tag["name"] for tag in schema["tags"]]
    firsts = [min(places(schema, path, tags)) for path in schema["paths"]]
    assert firsts == sorted(firsts)
    paths = list(schema["paths"])
    auth = [path for path in paths if tags.index("auth") in places(schema, path, tags)]
    assert [path.removeprefix("/api/v1/auth/") for path in auth] == [
        "signup/",
        "signup/confirm/",
        "token/",
        "token/refresh/",
        "logout/",
    ]
    assert paths.index("/api/v1/days/today/") < paths.index("/api/v1/days/{date}/")


def test_every_component_field_and_parameter_has_a_description(schema: dict[str, Any]) -> None:
    missing = [
        f"{name}.{field}"
        for name, component in schema["components"]["schemas"].items()
        for field, part in {"": component, **component.get("properties", {})}.items()
        if not part.get("description")
    ]
    missing += [
        f"{operation['operationId']}?{parameter['name']}"
        for _path, _method, operation in each_operation(schema)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    assert not missing, "Write a help_text, or a text in the module `schema` of the app."


def test_texts_name_nothing_of_the_code(schema: dict[str, Any]) -> None:
    def texts(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            for name, inner in part.items():
                if name in ("description", "summary") and isinstance(inner, str):
                    yield inner
                else:
                    yield from texts(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from texts(inner)

    internal = re.compile(r"erializer|ueryset|iewset|\b[A-Z]\w+(View|Field)\b|\bNone\b|DRF")
    assert not [text for text in texts(schema) if internal.search(text)]
    labelled = [f"{name}.{field}" for name, field, part in properties(schema) if "title" in part]
    assert not labelled, "Labels of models are for the admin."


def test_texts_have_the_right_article(schema: dict[str, Any]) -> None:
    components = schema["components"]["schemas"]
    assert components["AlarmUpdate"]["description"].startswith("The fields of an alarm to change.")
    assert components["GoalUpdate"]["description"].startswith("The fields of a goal to change.")


def test_no_length_is_given_beside_a_pattern_that_refuses_the_empty_text(
    schema: dict[str, Any],
) -> None:
    both = [
        f"{name}.{field}"
        for name, field, part in properties(schema)
        if part.get("minLength") == 1 and not re.search(part.get("pattern", ""), "")
    ]
    assert not both


def test_the_one_server_is_that_of_the_document(schema: dict[str, Any]) -> None:
    assert [server["url"] for server in schema["servers"]] == ["/"]
    assert all(server["description"] for server in schema["servers"])


def test_what_null_and_unknown_values_mean_is_said_once_for_all(schema: dict[str, Any]) -> None:
    text = schema["info"]["description"]
    assert "In a PATCH null clears a field that can be empty" in text
    assert "for any other field it is an error" in text
    assert "a constant for unknown values, which only its generator knows, must never be" in text


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield all properties with the names of their components."""
    for name, component in schema["components"]["schemas"].items():
        for field, part in component.get("properties", {}).items():
            yield name, field, part


def text(schema: dict[str, Any], component: str, field: str) -> str:
    return str(schema["components"]["schemas"][component]["properties"][field]["description"])


def test_a_body_says_what_a_field_is_by_default_and_what_null_means(schema: dict[str, Any]) -> None:
    of_new = text(schema, "NewDiary", "is_draft")
    assert of_new.endswith("false by default. null is as good as leaving it out.")
    assert text(schema, "DiaryUpdate", "temperature").endswith("null clears it.")
    assert text(schema, "DiaryUpdate", "viewers").endswith("null leaves it as it is.")
    assert "default" not in text(schema, "DiaryUpdate", "is_draft")
    assert text(schema, "TodoUpdate", "date").endswith("null moves it to the archive.")


def test_an_answer_says_for_whom_a_field_is_null(schema: dict[str, Any]) -> None:
    assert text(schema, "Diary", "temperature").endswith("null if there is none.")
    assert text(schema, "Todo", "memo").endswith("null for other people.")
    assert text(schema, "Todo", "done_at").endswith("null while it is not done.")
    assert "null" not in text(schema, "Todo", "title")
    for name, field, part in properties(schema):
        if name.startswith("New") or name.endswith("Update"):
            assert "other people" not in part["description"], (name, field)


def test_a_text_may_be_for_bodies_or_for_answers_alone(schema: dict[str, Any]) -> None:
    assert "UUIDv7" in text(schema, "NewGoal", "id")
    assert "UUIDv7" not in text(schema, "Goal", "id")
    assert text(schema, "NewTodo", "goal") != text(schema, "Todo", "goal")
