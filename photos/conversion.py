"""Run the converter (photos/convert.py), one at a time in each container."""

import base64
import fcntl
import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any

from core.problems import Crowded, Problem
from core.turns import take_turn

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("convert.py")
# Seconds: for the one before, and for the conversion itself, which has 5 of processor time.
PATIENCE = 10.0
MOST_TIME = 15.0
POLL = 0.02
MAX_ANSWER = 16 << 20  # bytes; both files together have a tenth of it at most
MAX_LINE = 1000  # bytes of what it says before the files
BLURHASH = re.compile(r"[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{6,40}")
# A PNG of one pixel, for the doctor.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg=="
)
LONGEST = 1600  # pixels of a side
TYPES = ("image/jpeg", "image/png", "image/webp")
HEIC_TYPES = ("image/heic", "image/heif")


class ConverterError(Exception):
    """The converter does not run at all. Its text is for the operator."""


@dataclass(frozen=True)
class Converted:
    """A picture as it is stored. The size is that of the large file, in pixels."""

    width: int
    height: int
    blurhash: str
    large: bytes
    small: bytes


@cache
def accepted_types() -> tuple[str, ...]:
    """Return the content types of pictures that can be converted here."""
    return TYPES + (HEIC_TYPES if find_spec("pi_heif") else ())


def convert(parts: Iterable[bytes]) -> Converted:
    """Convert a picture, which is read when its turn has come.

    Raise Problem `bad_picture`, `too_many_pixels`, `unsupported_picture`, or `busy` if others take
    too long. At most half of the threads of a process are here at a time (core/turns.py).
    """
    take_turn("photos")
    try:
        with _one_at_a_time() as lock:
            return _read(*_run(parts, lock))
    except ConverterError as error:
        logger.error("The converter of photos does not work: %s", error)
        raise Problem("photos_unavailable") from error


def check() -> bool:
    """Return whether the kernel confines the converter, for the doctor.

    Raise ConverterError if it cannot run. Where uploads keep it busy, it works.
    """
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(_one_at_a_time())
        except Problem:
            return True
        status, answer = _run([PIXEL], lock)
        try:
            _read(status, answer)
        except Problem as problem:
            raise ConverterError(f"it answers {problem.code}") from problem
    return json.loads(answer.partition(b"\n")[0]).get("is_confined") is True


@contextmanager
def _one_at_a_time() -> Iterator[int]:
    """Wait for the other conversions of this container. Raise Problem `busy`, or ConverterError."""
    path = Path(tempfile.gettempdir()) / f"todomate-photos-{os.getuid()}.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:  # full, read-only, or somebody else's file
        raise ConverterError(f"its lock cannot be opened: {error}") from error
    try:
        _wait_for(handle)
        yield handle
    finally:
        os.close(handle)


def _wait_for(handle: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Crowded from None
        except OSError as error:
            raise ConverterError(f"its lock cannot be taken: {error}") from error
        else:
            return
        time.sleep(POLL)


def _run(parts: Iterable[bytes], lock: int) -> tuple[int, bytes]:
    """Return the exit status and the answer of the converter.

    It inherits the lock, so that it is alone even if this process is killed, and nothing else.
    """
    try:
        child = subprocess.Popen(  # noqa: S603  # a fixed program, and no shell
            [sys.executable, "-I", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"MALLOC_ARENA_MAX": "1"},  # or each thread of a decoder reserves 64 MB
            pass_fds=[lock],
        )
    except OSError as error:
        raise ConverterError(str(error)) from error
    timer = Timer(MOST_TIME, child.kill)
    timer.start()
    try:
        return _talk(child, parts)
    finally:
        timer.cancel()
        child.kill()
        child.wait()


def _talk(child: "subprocess.Popen[bytes]", parts: Iterable[bytes]) -> tuple[int, bytes]:
    """Send the picture and return the exit status and the answer, which comes after all of it."""
    source, answers = child.stdin, child.stdout
    assert source is not None  # noqa: S101  # for mypy: both are pipes
    assert answers is not None  # noqa: S101  # as above
    with answers:
        try:
            with suppress(BrokenPipeError):
                for part in parts:
                    source.write(part)
        finally:
            with suppress(BrokenPipeError):
                source.close()
        answer = answers.read(MAX_ANSWER)
        return child.wait(), answer


def _read(status: int, answer: bytes) -> Converted:
    """Return what the converter has answered. A program that a picture has taken over may lie."""
    line, _, files = answer.partition(b"\n")
    if status == -signal.SIGKILL:
        # Nobody does that to a program but this one, when it takes too long, and the kernel, when
        # there is no memory left: the picture may be a good one.
        raise Problem("busy")
    if status or not line:
        # It crashed, or used more than it may: the picture's fault, whatever it is.
        logger.warning("The converter ended with %s; the picture was refused.", status)
        raise Problem("bad_picture")
    try:
        values: Any = json.loads(line) if len(line) <= MAX_LINE else None
        if "error" in values:
            raise ConverterError(str(values["error"]))
        if "code" in values:
            codes = {"bad_picture", "too_many_pixels", "unsupported_picture"}
            raise Problem(values["code"] if values["code"] in codes else "bad_picture")
        width, height, length = values["width"], values["height"], values["large"]
        blurhash, rest = values["blurhash"], values["small"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Problem("bad_picture") from error
    # Not only equal to a number: `true`, 9.0 and Infinity are none of them.
    are_numbers = all(type(value) is int for value in (width, height, length, rest))
    if not (are_numbers and 1 <= width <= LONGEST and 1 <= height <= LONGEST and length > 0):
        raise Problem("bad_picture")
    if not (isinstance(blurhash, str) and BLURHASH.fullmatch(blurhash)):
        raise Problem("bad_picture")
    large, small = files[:length], files[length:]
    is_whole = len(large) == length and len(small) == rest
    is_webp = all(data[:4] == b"RIFF" and data[8:12] == b"WEBP" for data in (large, small))
    if not (is_whole and is_webp):
        raise Problem("bad_picture")
    return Converted(width, height, blurhash, large, small)
