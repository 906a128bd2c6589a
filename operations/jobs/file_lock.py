"""Locks of files, for servers whose only shared place is a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def file_lock(path: Path | None, *, wait: bool = False) -> Iterator[bool]:
    """Try to lock a file, or wait for it; the value is whether this process holds it.

    The system frees the lock when this process ends. The file stays, since another process may be
    waiting for it. Without a path there is nothing to lock.
    """
    if path is None:
        yield True
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _lock(handle, wait=wait)
    finally:
        os.close(handle)


def _lock(handle: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
