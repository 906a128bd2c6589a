"""The operations of photos and pictures in the schema."""

from core.schema.operations import Operation, describe

describe(
    "me",
    set_avatar=Operation(
        "Set the caller's picture",
        "Make a photo of the caller's their picture (`avatar`), and delete the one before."
        " Repeating the request has no further effect.",
        codes=("photo_in_use",),
        body={"photo": "0197de00-0000-7007-8000-000100000001"},
    ),
    delete_avatar=Operation(
        "Delete the caller's picture",
        "Apps show a picture of their own for people without one. Repeating the request has no"
        " further effect.",
    ),
)
describe(
    "users",
    get_avatar_picture=Operation(
        "Fetch the picture of a person",
        "Return it in WebP, at most 400 pixels wide and high. The URL is that of an `avatar`, and"
        " needs no token: its name cannot be guessed, and changes with the picture.",
        codes=("not_found",),
        values={"key": "4fe60000-0000-4000-8000-000100000001"},
        parameters={"key": "The id of the picture."},
    ),
)
