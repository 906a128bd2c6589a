"""Photos for tests, whose files are in a folder of their own."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from django.test import override_settings

from accounts.models import User
from photos.models import Photo
from photos.names import new_key
from photos.store import store

LARGE, SMALL = b"RIFF large", b"RIFF small"


def photo(owner: User, **values: Any) -> Photo:
    """Create a photo of the owner without conversion, and without files: see `photo_with_files`."""
    key = new_key(datetime.now(UTC).date())
    sizes = {"width": 1600, "height": 1200, "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}
    with transaction.atomic():
        return Photo.add(owner, **{"key": key, "bytes": 20, **sizes} | values)


def photo_with_files(owner: User, **values: Any) -> Photo:
    """Create a photo whose files are in the store."""
    row = photo(owner, **values)
    store().put(row.key, LARGE, SMALL)
    return row


class InFolder:
    """Mixin: the store of photos is a new folder for each test."""

    folder: Path

    def setUp(self) -> None:
        temporary = TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        settings = override_settings(PHOTO_URL=self.folder.as_uri())
        settings.enable()
        self.addCleanup(settings.disable)
        super().setUp()

    def files(self) -> set[str]:
        """Return the names of all files in the store."""
        return {
            str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()
        }
