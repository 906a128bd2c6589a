"""Check that photos can be converted and stored, and that they are kept."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from core import clock
from core.environment import InvalidSetting
from core.one_container import is_mounted
from operations.doctor.findings import Finding

STORE_HINT = (
    "Correct PHOTO_URL (docs/self-host.md): the folder must be writable for this server, and a"
    " bucket for its role."
)
CONVERTER_HINT = (
    "Use the image of this release, or install its requirements again (`make dev`). The converter"
    " is `python -I photos/convert.py`, which needs Pillow and blurhash."
)
CONFINEMENT_HINT = (
    "A hole in a decoder of pictures would reach the server's files and network. Use Linux on"
    " x86-64 or ARM64, with seccomp in the kernel."
)
VOLUME_HINT = (
    "Mount a volume there (--volume todomate-photos:/photos), or set PHOTO_URL=s3://bucket/prefix."
)


def examine(mounts: Path = Path("/proc/self/mountinfo")) -> Iterator[Finding]:
    """Yield findings about the store of photos and the converter."""
    from photos import conversion  # noqa: PLC0415  # it needs Django's setup
    from photos.store import StoreError, store  # noqa: PLC0415  # as above

    try:
        store().probe(clock.now().date())
    except (StoreError, InvalidSetting) as error:
        message = f"No photo can be stored: {str(error).rstrip('.')}."
        yield Finding("photo-store", message, STORE_HINT, "warning")
    else:
        if folder := folder_of_container(mounts):
            message = f"{folder} is in the container: its photos are lost with it."
            yield Finding("photo-volume", message, VOLUME_HINT, "warning")
    try:
        is_confined = conversion.check()
    except conversion.ConverterError as error:
        message = f"No photo can be converted: {str(error).rstrip('.')}."
        yield Finding("photo-converter", message, CONVERTER_HINT, "warning")
    else:
        if not (is_confined or settings.LOCAL):
            message = "The kernel does not confine the converter of photos."
            yield Finding("photo-confinement", message, CONFINEMENT_HINT, "warning")


def folder_of_container(mounts: Path) -> Path | None:
    """Return the folder of photos if this is our image and nothing is mounted at the folder."""
    from photos.store import store  # noqa: PLC0415  # as above

    folder = store().folder
    # The image sets it, whether the server is one container or several.
    if folder is None or settings.LOCAL or not os.environ.get("DATA_FOLDER"):
        return None
    places = [place for place in (folder, *folder.parents) if place != Path("/")]
    with suppress(OSError):
        return None if any(is_mounted(place, mounts) for place in places) else folder
    return None
