"""The operations of todos, the archive, quick inputs and offers in the schema."""

from core.schema.operations import CHANGE, COMPONENTS, CREATE, Operation, describe, describe_fields

GOAL = "0197de00-0000-7001-8000-000100000001"
TODOS = ["0197de00-0000-7002-8000-000100000012", "0197de00-0000-7002-8000-000100000011"]
TODO = {"id": TODOS[1]}
QUICK_INPUT = {"id": "0197de00-0000-7003-8000-000100000001"}
OFFER = QUICK_INPUT | {"date": "2030-01-07"}

describe(
    "todos",
    {"id": "The id of the todo."},
    list_todos=Operation("List todos"),
    create_todo=Operation(
        "Create a todo",
        "Create a todo at the end of its date. If the caller already has a todo with this id, it is"
        " returned unchanged with status 200.",
        codes=(*CREATE, "goal_not_active", "limit", "photo_in_use"),
        body={
            "id": "0197de00-0000-7002-8000-000100009901",
            "goal": GOAL,
            "title": "한강 5km",
            "date": "2030-01-07",
            "time": "19:30",
        },
    ),
    get_todo=Operation(
        "Read a todo",
        "Return a todo that the caller can see, or one of the caller's archive.",
        codes=("not_found",),
        values=TODO,
    ),
    update_todo=Operation(
        "Change a todo",
        "Change the fields that are sent and no others: check it by `is_done`, move it by `date`,"
        " archive it by `date: null`, or give it to another goal.",
        codes=(*CHANGE, "goal_not_active", "put_back_instead", "limit", "photo_in_use"),
        body={"is_done": True, "memo": "발볼 넓은 걸로"},
        values=TODO,
    ),
    get_todo_picture=Operation(
        "Fetch the picture of a todo",
        "Return the photo of a todo in WebP. The URL is `url` or `small_url` of the photo: it works"
        " for whoever has it, until `expires_at` and as long as the person who got it may see the"
        " todo. It answers HEAD; a Range by 206, or 416 if that is behind the end; and 304 to who"
        " has it.",
        codes=("not_found",),
        is_hidden=True,
        values={"photo": "0197de00-0000-7007-8000-000100000002", "size": "small"},
        parameters={
            "photo": "The id of the photo.",
            "size": "`large` or `small`.",
            "link": "Who got the URL, and until when it works, signed by the server.",
        },
    ),
    delete_todo=Operation(
        "Delete a todo",
        "Delete a todo. If it came from a quick input, the offer of its date is dismissed."
        " Repeating the request has no further effect.",
        codes=CHANGE,
        values=TODO,
    ),
    order_todos=Operation("Reorder the todos of a date", body={"date": "2030-01-07", "ids": TODOS}),
    move_todos=Operation(
        "Move todos to a date",
        codes=("goal_not_active", "limit"),
        body={"ids": TODOS, "date": "2030-01-07"},
    ),
    delete_todos=Operation("Delete several todos", body={"ids": TODOS}),
)

describe(
    "archive",
    list_archive=Operation(
        "List the archive",
        "List the caller's todos without a date, newest first. Read, change, schedule and delete"
        " them as other todos.",
    ),
    create_archived_todo=Operation(
        "Create a todo in the archive",
        "Create a todo without a date. If the caller already has a todo with this id, it is"
        " returned unchanged with status 200.",
        codes=(*CREATE, "goal_not_active", "limit", "photo_in_use"),
        body={
            "id": "0197de00-0000-7002-8000-000100009902",
            "goal": GOAL,
            "title": "무릎 보호대 고르기",
        },
    ),
    archive_todo=Operation(
        "Archive a todo",
        codes=(*CHANGE, "put_back_instead", "limit"),
        values=TODO,
        parameters={"id": "The id of the todo."},
    ),
)

describe(
    "quick inputs",
    {"id": "The id of the quick input."},
    list_quick_inputs=Operation(
        "List quick inputs", "List the caller's quick inputs, newest first."
    ),
    create_quick_input=Operation(
        "Create a quick input",
        "Create a template that offers a todo on each of its weekdays. If the caller already has a"
        " quick input with this id, it is returned unchanged with status 200.",
        codes=(*CREATE, "limit"),
        body={
            "id": "0197de00-0000-7003-8000-000100009901",
            "goal": GOAL,
            "title": "물 여덟 잔",
            "weekdays": ["mon", "wed", "fri"],
        },
    ),
    get_quick_input=Operation(
        "Read a quick input",
        "Return a quick input of the caller.",
        codes=("not_found",),
        values=QUICK_INPUT,
    ),
    update_quick_input=Operation(
        "Change a quick input",
        "Change the fields that are sent and no others. This changes all its offers, and no todo.",
        codes=("not_found",),
        body={"title": "자기 전 스트레칭 15분", "time": "22:00"},
        values=QUICK_INPUT,
    ),
    delete_quick_input=Operation(
        "Delete a quick input",
        "Delete a quick input with all its offers. The todos that came from it stay. Repeating the"
        " request has no further effect.",
        codes=("not_found",),
        values=QUICK_INPUT,
    ),
)

describe(
    "offers",
    {"id": "The id of the quick input.", "date": "The date of the offer."},
    list_offers=Operation(
        "List the offers of a range of dates",
        values={"date_from": "2030-01-07", "date_to": "2030-01-13"},
    ),
    activate_offer=Operation(
        "Activate an offer",
        codes=("not_found", "not_offered", "dismissed", "goal_not_active", "limit"),
        body={"is_done": True},
        values=OFFER,
    ),
    put_back_todo=Operation(
        "Put a todo back as an offer", codes=("not_found", "done"), values=OFFER
    ),
    dismiss_offer=Operation(
        "Dismiss an offer",
        codes=("not_found", "not_offered", "activated", "limit"),
        values=OFFER,
    ),
    undo_dismissal=Operation("Undo a dismissal", codes=("not_found",), values=OFFER),
)

describe_fields(
    "Todo",
    id="The id of the todo: of version 7, or of version 5 if it came from a quick input.",
    title="What to do, in one line.",
    memo="A note for the owner only, with its line breaks.",
    date="The date on which it is to be done, or null in the archive.",
    goal="The goal to which it belongs.",
    time="The time of day in the owner's time zone. It stays when the date changes; the archive has"
    " none.",
    done_at="When it was done, in UTC; null while it is not done.",
    position="Its place among the todos of its date, from 0; 0 in the archive. Changed by"
    " `order_todos` only, and null for other people, who get the todos in order.",
    is_done="Whether it is done. Setting it twice is the same as once.",
    quick_input="The quick input that it came from; null if it came from none, if that was deleted,"
    " and for other people.",
    offered_on="The date for which it was offered, which never changes; null if it came from no"
    " quick input, and for other people.",
)
NEW = {
    "id": "A UUIDv7 from the client. The server creates one if omitted.",
    "goal": "A goal of the caller, which must be active.",
}
DONE_AT = "When it was done. A time in the future counts as now. Requires `is_done`."
describe_fields(
    "NewTodo",
    **NEW,
    date="The date on which it is to be done.",
    done_at=f"{DONE_AT} Now by default.",
)
describe_fields("NewArchivedTodo", **NEW)
describe_fields(
    "TodoUpdate",
    memo="A note for the owner only, with its line breaks. An empty text clears it.",
    goal="The goal to which it is given, one of the caller's. It must be active.",
    date="The date to which it is moved, as the last one. null moves it to the archive.",
    done_at=f"{DONE_AT} Now by default. A todo that is done already keeps its time; with"
    " `is_done: false` it is ignored.",
)
describe_fields(
    "TodoOrder",
    date="The date whose todos get a new order.",
    ids="The ids in their new order. Ids that are not on this date are skipped.",
)
describe_fields("TodoMove", ids="The todos in the order that they get.", date="Their new date.")
describe_fields("TodoIds", ids="The todos to delete.")
describe_fields("MovedTodos", moved="The todos that are on the date now, as they are.")
describe_fields(
    "QuickInput",
    title="What its todos are called, in one line.",
    goal="The goal of its todos. While that is not active, there are no offers.",
    weekdays="The days of the week on which it offers a todo, in any order. Returned from Monday to"
    " Sunday.",
    time="The time of day of its todos, in the owner's time zone.",
    starts_on="The first date on which it may offer a todo.",
    ends_on="The last date on which it may offer a todo. null means no end.",
)
describe_fields(
    "NewQuickInput", starts_on="The first date on which it may offer a todo. Today by default."
)
describe_fields(
    "OfferActivation", is_done="true makes a todo that is done, or checks the one there is."
)
describe_fields(
    "Offer",
    quick_input="The quick input that offers it.",
    date="The date for which it is offered.",
    todo_id="The id that the todo has once the offer is activated.",
    goal="The goal of the quick input.",
    title="The title of the quick input.",
    time="The time of day of the quick input.",
)
COMPONENTS |= {
    "TodoUpdateClear": "A field of a todo that can be empty.",
    "QuickInputUpdateClear": "A field of a quick input that can be empty.",
}
PHOTO = "The photo. It belongs to the caller and is on nothing else; a deleted one is left out."
describe_fields("Todo", photo="The photo, null if there is none.")
for component in ("NewTodo", "NewArchivedTodo"):
    describe_fields(component, photo=PHOTO)
describe_fields("TodoUpdate", photo=f"{PHOTO} The one before is deleted. null deletes it, too.")
