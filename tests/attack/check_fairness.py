"""Measure how long another person waits for their day while one account or address does its worst.

Run by `make attack`, or for a shorter time by `pytest -s tests/attack/check_fairness.py`. Prints
the p99 of `GET todos/?date=` under each attack, and its ratio to that of the quiet server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, suppress

import httpx

from tests.attack.arena import arena, sign_up
from tests.attack.attacks import ATTACKS
from tests.base import new_id
from tests.server import ROOT

SECONDS = 60 if os.environ.get("ATTACK") == "long" else 10
CONNECTIONS = 16
LIMIT = 3  # times the quiet p99
DAY = "2026-03-02"


def p99(client: httpx.Client, seconds: float) -> float:
    """Return the 99th percentile, in ms, of the times that a person waits for their day."""
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        while True:
            # The server may close an idle connection; a phone sends the request again.
            with suppress(httpx.TransportError):
                answer = client.get("todos/", params={"date": DAY})
                break
        times.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.text
        time.sleep(0.01)  # a person does not ask without a pause
    return sorted(times)[int(len(times) * 0.99)] * 1000


def test_a_person_is_served_while_another_does_their_worst() -> None:
    ratios = {}
    with arena() as server, ExitStack() as stack:
        victim = sign_up(server.address, 1)
        stack.callback(victim.close)
        goal = victim.post("goals/", json={"title": "건강"}).raise_for_status().json()["id"]
        for _ in range(10):
            body = {"id": new_id(), "goal": goal, "title": "한강 5km", "date": DAY}
            victim.post("todos/", json=body).raise_for_status()
        attacker = sign_up(server.address, 2)
        stack.callback(attacker.close)
        token = attacker.headers["Authorization"].split()[1]
        p99(victim, 2)
        quiet = p99(victim, SECONDS)
        sys.stdout.write(f"quiet: {quiet:.1f} ms\n")
        for name in ATTACKS:
            command = [sys.executable, "-m", "tests.attack.attacks", name, server.address, token]
            with subprocess.Popen([*command, str(CONNECTIONS)], cwd=ROOT) as attack:
                try:
                    time.sleep(1)  # until it has begun
                    worst = p99(victim, SECONDS)
                finally:
                    attack.kill()
            ratios[name] = worst / quiet
            sys.stdout.write(f"{name}: {worst:.1f} ms, {ratios[name]:.1f} times the quiet\n")
    assert {name: ratio for name, ratio in ratios.items() if ratio > LIMIT} == {}
