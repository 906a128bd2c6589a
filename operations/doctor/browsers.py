"""Check what browsers and phones look for: allowed origins, and the files of /.well-known/."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from core.well_known import CONTENT_TYPES, UnusableFileError, read
from operations.doctor.findings import Finding

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def examine() -> Iterator[Finding]:
    """Yield findings about CORS_ALLOWED_ORIGINS and WELL_KNOWN_DIR. All are warnings."""
    for origin in settings.CORS_ALLOWED_ORIGINS:
        parts = urlsplit(origin)
        if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
            message = f"CORS_ALLOWED_ORIGINS contains {origin}: anybody on the way can change that"
            message += " page and read the password that is typed into it."
            yield _warning("origin-not-encrypted", message, "Serve the page over https.")
    folder = settings.WELL_KNOWN_DIR
    if folder and not Path(folder).is_dir():
        message = f"WELL_KNOWN_DIR is {folder}, which is no folder."
        yield _warning("well-known-missing", message, "Create it, or correct the path.")
    elif folder:
        yield from _examine_files(folder)


def _examine_files(folder: str) -> Iterator[Finding]:
    for name in CONTENT_TYPES:
        try:
            content = read(folder, name)
            if content is not None:
                _check(name, content)
        except UnusableFileError as error:
            hint = "Correct the file; phones and browsers ignore it as it is."
            yield _warning("well-known-file", f"{name} in WELL_KNOWN_DIR {error}.", hint)


def _check(name: str, content: bytes) -> None:
    """Raise UnusableFileError for a file that those who read it would refuse."""
    if name != "security.txt":
        try:
            json.loads(content)
        except ValueError as error:
            raise UnusableFileError("is not JSON") from error
        return
    lines = content.decode("utf-8", "replace").splitlines()
    fields = dict(line.lower().split(":", 1) for line in lines if ":" in line)
    if "contact" not in fields or "expires" not in fields:
        raise UnusableFileError("must have the lines Contact: and Expires: (RFC 9116)")
    try:
        expires = datetime.fromisoformat(fields["expires"].strip().upper())
    except ValueError as error:
        raise UnusableFileError("has an Expires: that is no date (2027-01-31T00:00:00Z)") from error
    if expires.replace(tzinfo=expires.tzinfo or UTC) < datetime.now(UTC):
        raise UnusableFileError("has expired; its Expires: is in the past")


def _warning(code: str, message: str, hint: str) -> Finding:
    return Finding(code, message, hint, "warning")
