"""The operations of cheers in the schema."""

from core.schema.operations import CHANGE, COMPONENTS, Operation, describe, describe_fields

# Of June, whom Mina follows.
TODO = {"id": "0197de00-0000-7002-8000-000200000001"}
DIARY = {"id": "0197de00-0000-7004-8000-000200000001"}
CHEER = {"id": "0197de00-0000-7006-8000-000100000001"}

describe(
    "cheers",
    {"id": "The id of the todo or diary that is cheered."},
    list_cheers=Operation("List cheers"),
    delete_cheer=Operation(
        "Delete a cheer",
        codes=CHANGE,
        values=CHEER,
        parameters={"id": "The id of the cheer."},
    ),
    cheer_todo=Operation(
        "Cheer a todo", codes=("not_found", "limit"), body={"emoji": "💪"}, values=TODO
    ),
    withdraw_cheer_from_todo=Operation(
        "Withdraw a cheer from a todo", codes=("not_found",), values=TODO
    ),
    cheer_diary=Operation(
        "Cheer a diary", codes=("not_found", "limit"), body={"emoji": "❤️"}, values=DIARY
    ),
    withdraw_cheer_from_diary=Operation(
        "Withdraw a cheer from a diary", codes=("not_found",), values=DIARY
    ),
)

describe_fields(
    "Cheer",
    emoji="Exactly one emoji. It is returned in its fully-qualified form: `❤` becomes `❤️`.",
    target="The todo or diary that was cheered.",
)
describe_fields(
    "EmojiCount",
    emoji="The emoji that these people gave.",
    count="How many people gave it, of those whom the caller can see.",
)
COMPONENTS["NewCheer"] = "The emoji of a cheer."
describe_fields("CheerTarget", kind="Whether it is a todo or a diary.")
COMPONENTS["CheerKind"] = "What was cheered. Later versions may add kinds."
