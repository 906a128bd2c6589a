"""The worst requests that a stranger, or one account, can send; each is a list of raw requests.

Run as a program it sends one attack over many connections until it is ended:
`python -m tests.attack.attacks NAME ADDRESS TOKEN CONNECTIONS`.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

BODY = 930_000  # bytes; nginx and the server take a little more
UNKNOWN = json.dumps({f"field_{number}": number for number in range(BODY // 22)})
IDS = json.dumps({"ids": [str(uuid.UUID(int=number)) for number in range(BODY // 40)]})
MANY_DAYS = {"date": "2026-03-02", "ids": ["x"] * 150_000}
DEEP = '{"title": ' + "[" * 200_000 + "]" * 200_000 + "}"
LONG = json.dumps({"title": "ㅋ" * 300_000})
NUMBER = '{"title": ' + "9" * 900_000 + "}"
WEEKDAYS = json.dumps({"weekdays": ["mon"] * 120_000, "title": "x"})
VIEWERS = json.dumps({"title": "x", "viewers": ["x"] * 150_000})


def request(method: str, path: str, body: str = "", token: str = "") -> bytes:
    """Return a request as bytes."""
    content = body.encode()
    lines = [
        f"{method} /api/v1/{path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


ATTACKS: dict[str, Callable[[str], list[bytes]]] = {
    "unknown fields without an account": lambda _: [request("POST", "auth/token/", UNKNOWN)],
    "unknown fields": lambda token: [request("POST", "goals/", UNKNOWN, token)],
    "long lists": lambda token: [
        request("POST", "todos/delete/", IDS, token),
        request("POST", "todos/move/", json.dumps(MANY_DAYS), token),
        request("POST", "quick-inputs/", WEEKDAYS, token),
        request("POST", "goals/", VIEWERS, token),
    ],
    "odd JSON": lambda token: [
        request("POST", "goals/", DEEP, token),
        request("POST", "goals/", LONG, token),
        request("POST", "goals/", NUMBER, token),
    ],
    "largest pages": lambda token: [request("GET", "diaries/?page_size=200", token=token)],
    "searches": lambda token: [
        request("GET", "users/?q=us", token=token),
        request("GET", "todos/?q=%E3%85%8B", token=token),
    ],
    "slow bodies": lambda token: [request("POST", "goals/", UNKNOWN, token)[:600]],
}


def send_all(address: str, requests: list[bytes], connections: int, forever: bool) -> None:
    """Send the requests over this many connections at once, each in turn on each connection."""
    threads = [
        threading.Thread(target=_send, args=(address, requests, forever), daemon=True)
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(address: str, requests: list[bytes], forever: bool) -> None:
    where = urlsplit(address)
    assert where.hostname is not None
    assert where.port is not None
    while True:
        for each in requests:
            try:
                with socket.create_connection((where.hostname, where.port), timeout=30) as line:
                    line.sendall(each)
                    while line.recv(65_536):
                        if not forever:
                            line.settimeout(1)  # the connection stays open after the answer
            except OSError:
                continue  # refused or ended by the server, as it should be
        if not forever:
            return


if __name__ == "__main__":
    os.nice(19)  # the machine's time belongs to the server
    name, address, token, connections = sys.argv[1:]
    send_all(address, ATTACKS[name](token), int(connections), forever=True)
