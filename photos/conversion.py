"""Run the converter (photos/convert.py), one at a time in each container."""

import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Timer

from core.problems import Crowded, Problem
from core.turns import take_turn

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("convert.py")
# Seconds: for the one before, and for the conversion itself, which has 5 of processor time.
PATIENCE = 10.0
MOST_TIME = 15.0
POLL = 0.02
MAX_ANSWER = 16 << 20  # bytes; both files together have a tenth of it at most
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
    with _one_at_a_time() as lock:
        try:
            return _read(*_run(parts, lock))
        except ConverterError as error:
            logger.error("The converter of photos does not work: %s", error)
            raise Problem("photos_unavailable") from error


def check() -> None:
    """Raise ConverterError if the converter cannot run, for the doctor."""
    with _one_at_a_time() as lock:
        try:
            _read(*_run([b"no picture"], lock))
        except Problem as problem:
            if problem.code != "unsupported_picture":
                raise ConverterError(f"it answers {problem.code}") from problem


@contextmanager
def _one_at_a_time() -> Iterator[int]:
    """Wait for the other conversions of this container. Raise Problem `busy`."""
    path = Path(tempfile.gettempdir()) / f"todomate-photos-{os.getuid()}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > deadline:
                raise Crowded
            time.sleep(POLL)
        yield handle
    finally:
        os.close(handle)


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
        values = json.loads(line)
        if "error" in values:
            raise ConverterError(str(values["error"]))
        if "code" in values:
            codes = {"bad_picture", "too_many_pixels", "unsupported_picture"}
            raise Problem(values["code"] if values["code"] in codes else "bad_picture")
        large, small = files[: values["large"]], files[values["large"] :]
        picture = Converted(
            int(values["width"]), int(values["height"]), str(values["blurhash"]), large, small
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("bad_picture") from error
    fits = 1 <= picture.width <= 1600 and 1 <= picture.height <= 1600
    is_whole = len(large) == values["large"] and len(small) == values["small"]
    is_webp = all(data[:4] == b"RIFF" and data[8:12] == b"WEBP" for data in (large, small))
    if not (fits and is_whole and is_webp and len(picture.blurhash) <= 40):
        raise Problem("bad_picture")
    return picture
