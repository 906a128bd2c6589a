"""The proxy of `make clients` that makes answers those of a later release."""

from __future__ import annotations

from tests.clients.next_release import enum_fields, grown

SCHEMA = {
    "components": {
        "schemas": {
            "State": {"type": "string", "enum": ["active", "done"]},
            "Goal": {
                "properties": {
                    "title": {"type": "string"},
                    "state": {"$ref": "#/components/schemas/State"},
                    "before": {"oneOf": [{"$ref": "#/components/schemas/State"}, {"type": "null"}]},
                    "weekdays": {"type": "array", "items": {"type": "string", "enum": ["mon"]}},
                    "level": {"type": "integer", "enum": [1, 2]},
                }
            },
        }
    }
}


def test_fields_with_enumerated_texts_are_found_behind_references_unions_and_lists() -> None:
    assert enum_fields(SCHEMA) == {"state", "before", "weekdays"}


def test_every_object_gets_a_field_and_every_enum_a_value() -> None:
    answer = {"results": [{"title": "Swim", "state": "done", "before": None, "weekdays": ["mon"]}]}
    new = {"of": "any kind"}
    goal = {"title": "Swim", "state": "added_later", "before": None, "weekdays": ["added_later"]}
    assert grown(answer, {"state", "before", "weekdays"}) == {
        "results": [goal | {"added_later": new}],
        "added_later": new,
    }
