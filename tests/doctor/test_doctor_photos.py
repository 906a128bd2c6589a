"""The doctor finds a store of photos that cannot be used and a converter that does not run."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

from django.test import override_settings

from operations.doctor import photos
from photos import conversion

NOTHING_MOUNTED = Path("/dev/null")


def codes(mounts: Path = NOTHING_MOUNTED) -> list[str]:
    return [finding.code for finding in photos.examine(mounts)]


def test_nothing_is_found_where_photos_can_be_kept(tmp_path: Path) -> None:
    with override_settings(PHOTO_URL=(tmp_path / "new").as_uri()):
        assert codes() == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_written_is_found() -> None:
    with override_settings(PHOTO_URL="file:///proc/nowhere"):
        assert codes() == ["photo-store"]


def test_a_converter_that_cannot_run_is_found(tmp_path: Path) -> None:
    broken = tmp_path / "convert.py"
    broken.write_text("import no_such_package\n")
    with (
        override_settings(PHOTO_URL=tmp_path.as_uri()),
        patch.object(conversion, "PROGRAM", broken),
        patch.object(conversion, "logger"),
    ):
        assert codes() == ["photo-converter"]


def test_a_converter_that_uploads_keep_busy_works(tmp_path: Path) -> None:
    with (
        override_settings(PHOTO_URL=tmp_path.as_uri()),
        patch.object(conversion.tempfile, "gettempdir", lambda: str(tmp_path)),
        patch.object(conversion, "PATIENCE", 0.05),
        conversion._one_at_a_time(),
    ):
        assert codes() == []


def test_a_converter_that_the_kernel_does_not_confine_is_found(tmp_path: Path) -> None:
    source = conversion.PROGRAM.read_text()
    unconfined = tmp_path / "convert.py"
    unconfined.write_text(source.replace('sys.platform != "linux"', "True"))
    assert unconfined.read_text() != source
    with (
        override_settings(PHOTO_URL=tmp_path.as_uri(), LOCAL=False),
        patch.object(conversion, "PROGRAM", unconfined),
    ):
        assert codes() == ["photo-confinement"]


def test_a_folder_on_no_volume_is_found_in_a_container(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 2 0:1 / {tmp_path} rw - ext4 /dev/vda1 rw\n")
    with (
        override_settings(PHOTO_URL=(tmp_path / "photos").as_uri(), LOCAL=False),
        patch.dict(os.environ, DATA_FOLDER="/data"),
    ):
        assert codes() == ["photo-volume"]
        assert codes(mounts) == []
