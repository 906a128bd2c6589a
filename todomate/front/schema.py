"""The tags of the schema, and the operations of the server itself."""

from core.schema.operations import COMPONENTS, TAGS, Operation, describe, describe_fields

TAGS |= {
    "auth": "Begin here: sign up or sign in, keep the tokens, refresh them, sign out.",
    "me": "The caller's own account and profile, and deleting all of it.",
    "days": "One screen in one request: a day with its goals, todos, offers, diary and cheers. "
    "`get_today` is what an app shows when it starts.",
    "goals": "The coloured groups that all todos belong to. A goal says who can see its todos.",
    "todos": "Things to do on one date, each done or not.",
    "archive": "Todos put aside, without a date.",
    "quick inputs": "Templates that offer a todo on certain weekdays.",
    "offers": "The todos that quick inputs propose for a date. They become todos when they are "
    "activated.",
    "diaries": "One entry for each date, with a mood.",
    "cheers": "One emoji from one person on one todo or diary.",
    "timeline": "What the people whom the caller follows publish.",
    "calendar": "The progress of each date of a month.",
    "users": "Other people: searching, profiles, following and blocking.",
    "follow requests": "People who ask to follow a private account.",
    "blocks": "The people whom the caller has blocked.",
    "alarms": "The times of day at which the app reminds the caller.",
    "photos": "Pictures of the caller's, uploaded before a diary, a todo or the avatar shows them.",
    "security": "Passwords, confirmed emails, sessions and the second factor.",
    "server": "The server's version, features, limits and health.",
}

describe(
    "server",
    get_server=Operation("Read the server's version, features and limits"),
    get_health_live=Operation("Check that the server runs"),
    get_health_ready=Operation("Check that the server can serve", codes=("busy",)),
)

describe_fields(
    "ServerInfo", name="The name of the service.", limits="What one account may have at most."
)
describe_fields(
    "ServerLimits",
    todos_per_day="Todos on one date.",
    todos_in_archive="Todos without a date.",
    goals="Goals of one person.",
    quick_inputs="Quick inputs of one person.",
    alarms="Alarms of one person.",
    viewers="Viewers of one goal or diary.",
    title_characters="Characters of a title.",
    memo_characters="Characters of the memo of a todo.",
    diary_characters="Characters of the body of a diary.",
    hashtags="Hashtags of a diary; more are text like any other.",
    hashtag_characters="Characters of a hashtag; a longer one is text like any other.",
    place_characters="Characters of the name of a place.",
    photos_per_diary="Photos of one diary.",
    alt_characters="Characters of the alternative text of a photo.",
    photo_bytes="Bytes of an uploaded picture.",
    photos="Photos of one person; 0 is no limit.",
    photos_unattached="Photos of one person that nothing shows yet; 0 is no limit.",
    photo_megabytes="Megabytes (1,048,576 bytes) of the files of a person's photos; 0 is no limit.",
    bio_characters="Characters of the bio of a profile.",
    page_size="Items on one page of a list.",
)
describe_fields("ServerHealth", status="`ok`; otherwise the answer is a problem.")
COMPONENTS["HealthStatus"] = "The server can be used."
COMPONENTS["SignUps"] = "Who may sign up: everyone, whoever has an invitation, or nobody."
