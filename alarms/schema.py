"""The operations of alarms in the schema."""

from core.schema.operations import CREATE, Operation, describe, describe_fields

ALARM = {"id": "0197de00-0000-7005-8000-000100000001"}

describe(
    "alarms",
    {"id": "The id of the alarm."},
    list_alarms=Operation("List alarms", "List the caller's alarms by their time of day."),
    create_alarm=Operation(
        "Create an alarm",
        "Create a daily alarm. A second one at the same time of day gets 409 `duplicate` with the"
        " id of the first.",
        codes=(*CREATE, "duplicate", "limit"),
        body={"id": "0197de00-0000-7005-8000-000100009901", "time": "07:15", "is_on": True},
    ),
    get_alarm=Operation(
        "Read an alarm", "Return an alarm of the caller.", codes=("not_found",), values=ALARM
    ),
    update_alarm=Operation(
        "Change an alarm",
        "Change the fields that are sent and no others.",
        codes=("not_found", "duplicate"),
        body={"time": "21:45", "is_on": False},
        values=ALARM,
    ),
    delete_alarm=Operation(
        "Delete an alarm",
        "Delete an alarm. Repeating the request has no further effect.",
        codes=("not_found",),
        values=ALARM,
    ),
)

describe_fields(
    "Alarm",
    time="The time of day, in the caller's time zone. Unique among the caller's alarms.",
    is_on="Whether the app reminds the caller.",
)
