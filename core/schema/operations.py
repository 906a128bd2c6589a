"""The texts of the schema that the code does not have: of operations, fields, enums and parameters.

Each app has a module `schema` that describes its operations:

    describe(
        "goals",
        create_goal=Operation(
            "Create a goal",
            codes=(*CREATE, "limit"),
            body={"title": "달리기"},
        ),
    )
    describe_fields("Goal", title="What it is called, in one line.")

A text of `describe_fields` is that of a field in all components of its serializer, or in one of
them: "Goal", "NewGoal". Without one it is the help_text. What a field is by default and what null
means is added to it (`core.schema.texts`). The modules are imported when the schema is made, not
when the server starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.utils.module_loading import autodiscover_modules

# Codes of creating a row with an id, and of changing a row that others may see.
CREATE = ("id_taken", "deleted")
CHANGE = ("permission_denied", "not_found")

# What operations of views say whose `is_open_to_readers` is true.
WITHOUT_ACCOUNT = (
    "Also without a token, at 120 requests a minute per network: what is public of people who are"
    " open (`is_open`), if the server allows it (the feature `anonymous_reading`)."
)


@dataclass(frozen=True)
class Operation:
    """The texts and examples of one operation, and its own codes.

    `codes` are those beside the ones that all operations of its kind have
    (`core.schema.problems.codes_of`). `description` replaces the docstring. `body` and `values` are
    a request that succeeds on the demo (`make run`), signed in as its Mina; `values` are those of
    parameters. `parameters` are the descriptions of parameters that have none elsewhere. Of an
    operation that `is_hidden` whatever is wrong is a 404, where others answer 400.
    """

    summary: str
    description: str = ""
    codes: tuple[str, ...] = ()
    body: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    is_hidden: bool = False


# The descriptions of components that have none by a docstring, such as enums.
COMPONENTS: dict[str, str] = {}
# The descriptions of fields by the schema's name of their serializer: {"Goal": {"title": …}}. Those
# of "" are the same everywhere.
FIELDS: dict[str, dict[str, str]] = {
    "": {
        "id": "The id of the item.",
        "owner": "The person to whom it belongs.",
        "created_at": "When it was created, in UTC.",
        "updated_at": "When it was last changed, in UTC.",
    },
    "Page": {
        "next": "The URL of the next page, or null after the last one.",
        "previous": "The URL of the page before, or null before the first one.",
        "results": "The items of this page, in the order of the list.",
    },
    "Picture": {
        "id": "The id of the picture.",
        "url": "Where to load it from. It changes with the picture.",
    },
}
# The descriptions of the tags, in the order in which a beginner needs them.
TAGS: dict[str, str] = {}
_OPERATIONS: dict[str, Operation] = {}


def describe(
    tag: str, parameters: Mapping[str, str] | None = None, /, **operations: Operation
) -> None:
    """Add operations by their operationIds, in one of the TAGS.

    `parameters` are descriptions of parameters that have none elsewhere, by their names.
    """
    for name, operation in operations.items():
        if name in _OPERATIONS:
            raise ValueError(f"{name} is described twice")
        texts = {**(parameters or {}), **operation.parameters}
        _OPERATIONS[name] = replace(operation, tag=tag, parameters=texts)


def describe_fields(component: str, /, **fields: str) -> None:
    """Add the descriptions of fields of a serializer, by its name in the schema.

    They are also those of the classes that derive from it, and of bodies: the fields of Goal are in
    NewGoal, GoalUpdate and DayGoal, too. Those of "NewGoal" are for that body alone.
    """
    FIELDS.setdefault(component, {}).update(fields)


@cache
def described() -> dict[str, Operation]:
    """Return the operations of all apps by operationId."""
    autodiscover_modules("schema")
    return _OPERATIONS
