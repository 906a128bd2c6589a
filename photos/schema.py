"""The operations of photos and pictures in the schema."""

from core.schema.operations import Operation, describe, describe_fields

PHOTO = {"id": "0197de00-0000-7006-8000-000100009901"}

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
        " needs no token: its name cannot be guessed, and changes with the picture. It answers"
        " HEAD; a Range by 206, or 416 if that is behind the end; and 304 to who has it.",
        codes=("not_found",),
        values={"key": "4fe60000-0000-4000-8000-000100000001"},
        parameters={"key": "The id of the picture."},
    ),
)
describe(
    "photos",
    {"id": "The id of the photo."},
    list_photos=Operation("List photos", "List the caller's photos in the order of their ids."),
    upload_photo=Operation(
        "Upload a photo",
        "Upload a picture, at most 10 MiB, as the body of the request. The id is a new one, of"
        " version 7. The server turns the picture upright and makes two WebP files of it, of 1,600"
        " and 400 pixels at most; where it was taken and all else that the file says is not kept,"
        " nor is the file. Of an animated picture the first frame is taken, and what is transparent"
        " becomes white. If the caller has a photo with this id, it is returned unchanged with"
        " status 200, whatever the body is. A photo that is put on nothing is deleted after a day.",
        codes=(
            "id_taken",
            "deleted",
            "limit",
            "bad_picture",
            "too_many_pixels",
            "unsupported_picture",
            "photos_unavailable",
        ),
        values=PHOTO,
    ),
    get_photo=Operation(
        "Read a photo", "Return a photo of the caller.", codes=("not_found",), values=PHOTO
    ),
    delete_photo=Operation(
        "Delete a photo",
        "Delete a photo that is on nothing, with its files. One that is on a diary or a todo, or an"
        " avatar, gets 409 `photo_in_use`: it is deleted by taking it off. Repeating the request"
        " has no further effect.",
        codes=("not_found", "photo_in_use"),
        values=PHOTO,
    ),
)

describe_fields(
    "UploadedPhoto",
    width="The width of the large size, in pixels.",
    height="The height of the large size, in pixels.",
    blurhash="A blurred preview of the picture (blurha.sh), to show while it is loading.",
    bytes="What both files take of the caller's room for photos.",
    used="Whether the photo is on a diary or a todo, or an avatar.",
)
