"""Files that other software looks for under /.well-known/ and that the host puts into a folder."""

from pathlib import Path

# The names that are served, and nothing else of the folder, with their content types.
CONTENT_TYPES = {
    "apple-app-site-association": "application/json",  # universal links and passwords of iOS
    "assetlinks.json": "application/json",  # app links and passwords of Android
    "security.txt": "text/plain; charset=utf-8",  # RFC 9116
}
MAX_BYTES = 128 * 1024  # Apple reads no more


class UnusableFileError(Exception):
    """Raised for a file that is there but cannot be served; its text is the reason."""


def read(folder: str, name: str) -> bytes | None:
    """Return the content of the file `name`, one of CONTENT_TYPES, or None without such a file.

    Raise UnusableFileError if it is no file, is too large or cannot be read.
    """
    path = Path(folder) / name
    try:
        if not path.exists():
            return None
        if not path.is_file():  # a pipe would never end
            raise UnusableFileError("is not a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableFileError(f"cannot be read ({error.strerror})") from error
    if len(content) > MAX_BYTES:
        raise UnusableFileError(f"has more than {MAX_BYTES:,} bytes")
    return content
