"""A link to a picture names one picture, size, viewer and end, and cannot be changed or read."""

from __future__ import annotations

import base64
import threading
import timeit
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import override_settings

from core import pictures
from photos.links import LENGTH, BadLink, make, viewer_of
from photos.pictures import show
from tests.accounts.clock import clock_at

PHOTO = UUID("0197de00-0000-7008-8000-000100000001")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def link(viewer: int | None = 7, **changes: object) -> str:
    named = {"kind": "diaries", "photo": PHOTO, "size": "small"} | changes
    return make(**named, viewer=viewer, quarter=pictures.quarter_of_end())  # type: ignore[arg-type]


def test_it_ends_with_the_second_full_quarter_of_a_day_and_is_the_same_until_the_next() -> None:
    with clock_at(NOON):
        first = link()
        end = datetime.fromisoformat(pictures.instant_of(pictures.quarter_of_end()))
    assert end == NOON + timedelta(hours=12)
    with clock_at(NOON + timedelta(hours=6, microseconds=-1)):
        assert link() == first
    with clock_at(NOON + timedelta(hours=6)):
        assert link() != first
    with clock_at(end - timedelta(microseconds=1)):
        assert viewer_of(first, "diaries", PHOTO, "small") == 7
    for wrong in (end, end + timedelta(days=400), NOON - timedelta(microseconds=1)):
        with clock_at(wrong), pytest.raises(BadLink):
            viewer_of(first, "diaries", PHOTO, "small")


def test_what_is_shown_says_when_it_ends() -> None:
    with clock_at(NOON):
        shown = show("diaries", [PHOTO, 1600, 1200, "LEHV"], None)
    assert shown["expires_at"] == "2026-03-03T00:00:00.000000Z"
    assert shown["url"].startswith(f"/api/v1/pictures/diaries/{PHOTO}/large.webp?link=")
    assert shown["small_url"].startswith(f"/api/v1/pictures/diaries/{PHOTO}/small.webp?link=")


def test_every_changed_bit_is_noticed() -> None:
    original = base64.urlsafe_b64decode(link())
    assert len(link()) == LENGTH
    for bit in range(len(original) * 8):
        changed = bytearray(original)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadLink):
            viewer_of(base64.urlsafe_b64encode(changed).decode(), "diaries", PHOTO, "small")


def test_every_other_text_is_noticed() -> None:
    # With - and _ in it, whose other letters decode to the same bytes.
    for number in range(1, 500):
        right = link(number)
        if "-" in right and "_" in right:
            break
    wrong = ["", "x", right[:-1], f"{right}=", f"{right}A", f" {right[1:]}", "가" * LENGTH]
    wrong += [right.replace("-", "+"), right.replace("_", "/"), "\x00" * LENGTH, "=" * LENGTH]
    wrong += [right.lower(), right[:20] + "!" + right[21:]]
    for text in wrong:
        with pytest.raises(BadLink):
            viewer_of(text, "diaries", PHOTO, "small")
    assert viewer_of(right, "diaries", PHOTO, "small") == number


def test_it_is_for_nothing_else() -> None:
    assert viewer_of(link(), "diaries", PHOTO, "small") == 7
    for kind, photo, size in (
        ("todos", PHOTO, "small"),
        ("diaries", uuid4(), "small"),
        ("diaries", PHOTO, "large"),
    ):
        with pytest.raises(BadLink):
            viewer_of(link(), kind, photo, size)


def test_nobody_can_tell_whom_it_is_for() -> None:
    links = {link(viewer) for viewer in (None, 1, 2, 2**62)}
    assert len(links) == 4
    assert {len(text) for text in links} == {LENGTH}
    same = [set(column) for column in zip(*links, strict=True)]
    assert sum(len(letters) == 1 for letters in same) < 12  # 4 letters are the end
    assert viewer_of(link(None), "diaries", PHOTO, "small") is None


def test_an_earlier_key_of_the_server_still_opens_it() -> None:
    before = link()
    with override_settings(SECRET_KEY="n" * 50):
        with pytest.raises(BadLink):
            viewer_of(before, "diaries", PHOTO, "small")
        assert link() != before
    from django.conf import settings  # noqa: PLC0415  # the key as it is now

    with override_settings(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert viewer_of(before, "diaries", PHOTO, "small") == 7


def test_threads_share_the_cipher() -> None:
    gate = threading.Barrier(8)

    def work(number: int) -> bool:
        gate.wait(10)
        return all(
            viewer_of(link(number * 1_000 + i), "diaries", PHOTO, "small") == number * 1_000 + i
            for i in range(1, 300)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_a_photo_is_shown_with_two_links_in_little_time() -> None:
    """Bound: 60 µs, where it takes less than 10 on a machine that does nothing else."""
    photo = [PHOTO, 1600, 1200, "LEHV6nWB2yk8pyo0adR*.7kCMdnj"]
    show("diaries", photo, 7)
    best = min(timeit.repeat(lambda: show("diaries", photo, 7), number=500, repeat=7)) / 500
    assert best < 60e-6
