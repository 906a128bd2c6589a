"""An S3 server for tests."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.server import START_TIMEOUT, free_port


@contextmanager
def running_s3() -> Iterator[str]:
    """Run an S3 server; the value is its address."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "moto.server",
        "-H",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_TIMEOUT
        while not answers(address):
            assert server.poll() is None, "the S3 server did not start"
            assert time.monotonic() < end, "the S3 server does not answer"
            time.sleep(0.05)  # poll, as it sends no signal when it is ready
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/moto-api/data.json", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def environment(address: str) -> dict[str, str]:
    """Return the variables that replace the role and region of a machine on AWS."""
    known = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "ap-northeast-2",
    }
    return known | {"AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true"}


def make_bucket(address: str, name: str) -> None:
    httpx.put(f"{address}/{name}", content=b"").raise_for_status()


def keys(address: str, bucket: str, *, query: str = "list-type=2") -> str:
    """Return S3's list of the objects in a bucket; `uploads`: of the unfinished uploads."""
    answer = httpx.get(f"{address}/{bucket}?{query}")
    answer.raise_for_status()
    return answer.text
