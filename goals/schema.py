"""The operations of goals in the schema."""

from typing import Any

from core.schema.operations import (
    CHANGE,
    COMPONENTS,
    CREATE,
    Operation,
    describe,
    describe_fields,
)

GOAL: dict[str, Any] = {"id": "0197de00-0000-7001-8000-000100000001"}

describe(
    "goals",
    {"id": "The id of the goal."},
    list_goals=Operation(
        "List goals",
        "List the caller's goals in order, or those of `owner` that the caller can see.",
    ),
    create_goal=Operation(
        "Create a goal",
        "Create a goal, as the last one. If the caller already has a goal with this id, it is"
        " returned unchanged with status 200.",
        codes=(*CREATE, "limit"),
        body={
            "id": "0197de00-0000-7001-8000-000100009901",
            "title": "책 읽기",
            "color": "#33AA77",
            "visibility": "followers",
        },
    ),
    get_goal=Operation(
        "Read a goal", "Return a goal that the caller can see.", codes=("not_found",), values=GOAL
    ),
    update_goal=Operation(
        "Change a goal",
        "Change the fields that are sent and no others. A goal that is no longer active keeps its"
        " todos but gets no new ones, and its quick inputs offer nothing.",
        codes=(*CHANGE, "limit"),
        body={"title": "아침 달리기", "visibility": "followers"},
        values=GOAL,
    ),
    delete_goal=Operation(
        "Delete a goal", codes=(*CHANGE, "goal_not_empty"), values=GOAL | {"cascade": True}
    ),
    order_goals=Operation(
        "Reorder goals",
        body={
            "ids": ["0197de00-0000-7001-8000-000100000002", "0197de00-0000-7001-8000-000100000001"]
        },
    ),
)

describe_fields(
    "Goal",
    title="What it is called, in one line.",
    color="The colour of the goal in the app, returned in upper case.",
    visibility="Who can see the goal and all its todos with a date.",
    position="Its place among the owner's goals, from 0. Changed by `order_goals` only."
    " null for other people, who get the goals in order.",
    state="Only an active goal gets new todos.",
)
COMPONENTS["GoalState"] = (
    "`active` takes new todos. `done`, `ended` and `stopped` do not; they differ in name only, and"
    " any of them may become `active` again."
)
VIEWERS = "The followers who can see it while its visibility is `selected`."
describe_fields("Goal", viewers=VIEWERS)
for component in ("NewGoal", "GoalUpdate"):
    describe_fields(component, viewers=f"{VIEWERS} People who do not follow are left out.")
describe_fields("GoalOrder", ids="The ids in their new order. Ids that do not exist are skipped.")
