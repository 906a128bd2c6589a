"""The operations of diaries in the schema."""

from core.schema.operations import (
    CHANGE,
    COMPONENTS,
    CREATE,
    WITHOUT_ACCOUNT,
    Operation,
    describe,
    describe_fields,
)

DIARY = {"id": "0197de00-0000-7004-8000-000100000001"}

describe(
    "diaries",
    {"id": "The id of the diary."},
    list_diaries=Operation(
        "List diaries",
        "List the caller's diaries, the latest date first, or those of `owner` that the caller can"
        f" see.\n\n{WITHOUT_ACCOUNT} Then `owner` is required: 401 without it.",
    ),
    list_posts=Operation(
        "List posts",
        "List the posts with a hashtag, at a place or of a person that the caller can see, the"
        " caller's own among them, the latest published first. A post is a diary that is neither a"
        " draft nor private. Without `hashtag`, `place` and `owner` the answer is 400."
        f"\n\n{WITHOUT_ACCOUNT}",
        values={"hashtag": "달리기"},
    ),
    create_diary=Operation(
        "Create a diary",
        "Create the diary of a date. A second one for the same date gets 409 `duplicate` with the"
        " id of the first.",
        codes=(*CREATE, "duplicate", "limit", "photo_in_use"),
        body={
            "id": "0197de00-0000-7004-8000-000100009901",
            "date": "2030-01-07",
            "body": "바람이 차가웠지만 끝까지 뛰었다. #달리기",
            "place": "서울숲",
            "emoji": "😊",
            "temperature": 72,
            "visibility": "followers",
        },
    ),
    get_diary=Operation(
        "Read a diary",
        f"Return a diary that the caller can see.\n\n{WITHOUT_ACCOUNT}",
        codes=("not_found",),
        values=DIARY,
    ),
    update_diary=Operation(
        "Change a diary",
        "Change the fields that are sent and no others.",
        codes=(*CHANGE, "duplicate", "limit", "photo_in_use"),
        body={"emoji": "🥰", "is_draft": False},
        values=DIARY,
    ),
    get_diary_picture=Operation(
        "Fetch a picture of a diary",
        "Return a photo of a diary in WebP. The URL is `url` or `small_url` of the photo: it works"
        " for whoever has it, until `expires_at` and as long as the person who got it may see the"
        " diary. It answers HEAD; a Range by 206, or 416 if that is behind the end; and 304 to who"
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
    delete_diary=Operation(
        "Delete a diary",
        "Delete a diary with its photos and cheers. Repeating the request has no further effect.",
        codes=CHANGE,
        values=DIARY,
    ),
)

describe_fields(
    "Diary",
    date="The date that it is about. There is one diary for each date.",
    body="The text, with its line breaks.",
    temperature="How warm the day felt, from 0 to 100.",
    color="The colour of the entry, returned in upper case.",
    visibility="Who can see it, unless it is a draft.",
    published_at="The time at which it was first neither a draft nor private; it stays. A diary"
    " that is shown again returns to this place among posts.",
    allows_comments="Whether the people who see it may comment on it.",
    place="The place that its owner named.",
    latitude="Degrees north of the equator, with four decimals. Both coordinates or neither.",
    longitude="Degrees east of Greenwich, with four decimals.",
    hashtags="The hashtags in `body`: folded, without `#`, each once. At most 30 of at most 50"
    " characters; others are text like any other.",
    is_draft="Whether nobody but the owner can see it, whatever its visibility.",
)
COMPONENTS["Place"] = "The place that the writer of a diary named."
describe_fields(
    "Place",
    id="The same for all diaries that name the place alike, whatever the case, width and spaces.",
    name="The name, as the writer of the diary has it.",
)
COMPONENTS["DiaryUpdateClear"] = "A field of a diary that can be empty."
PHOTOS = "The photos in order, at most 10."
describe_fields("Diary", photos=PHOTOS)
for component, rest in (
    ("NewDiary", ""),
    ("DiaryUpdate", " The list replaces the one before: photos no longer named are deleted."),
):
    text = f"{PHOTOS} They belong to the caller and are on nothing else; deleted ones are left out."
    describe_fields(component, photos=text + rest)
describe_fields("NamedPhoto", id="The id of the photo.")
VIEWERS = "The followers who can see it while its visibility is `selected`."
describe_fields("Diary", viewers=VIEWERS)
for component in ("NewDiary", "DiaryUpdate"):
    describe_fields(component, viewers=f"{VIEWERS} People who do not follow are left out.")
