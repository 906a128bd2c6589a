"""The memory of a server of two workers stays within its container, whatever is sent to it."""

from __future__ import annotations

import sys
import threading

import pytest

from tests.attack.arena import Arena, arena, needs_server, sign_up
from tests.attack.attacks import ATTACKS, send_all

pytestmark = [pytest.mark.private_servers, needs_server]
CONTAINER = 256  # MB, as in docker-compose.prod.yml
CONNECTIONS = 64
DIARIES = 60
BODY = "가" * 20_000  # the longest diary


def peak_during(server: Arena, requests: list[bytes]) -> float:
    """Send the requests over all connections at once and return the highest memory in MB."""
    peak, over = 0.0, threading.Event()

    def send() -> None:
        send_all(server.address, requests, CONNECTIONS, forever=False)
        over.set()

    sender = threading.Thread(target=send)
    sender.start()
    while not over.wait(0.05):
        peak = max(peak, server.memory)
    sender.join()
    return peak


def test_64_connections_of_the_worst_requests_stay_within_256_mb() -> None:
    with arena() as server:
        client = sign_up(server.address)
        token = client.headers["Authorization"].split()[1]
        for day in range(DIARIES):
            date = f"2026-{day // 28 + 1:02}-{day % 28 + 1:02}"
            client.post("diaries/", json={"date": date, "body": BODY}).raise_for_status()
        figures = {"before": server.memory}
        for name, requests in ATTACKS.items():
            figures[name] = peak_during(server, requests(token))
        assert client.get("me/").status_code == 200
        figures["after"] = server.memory
        client.close()
    sys.stdout.write("".join(f"{name}: {figure:.0f} MB\n" for name, figure in figures.items()))
    assert {name: mb for name, mb in figures.items() if mb > CONTAINER} == {}
