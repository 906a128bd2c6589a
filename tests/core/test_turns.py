"""Requests that change rows of one person take turns."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from core.problems import Problem
from core.turns import Turns


def test_a_turn_is_free_for_each_person() -> None:
    turns = Turns(limit=1)
    turns.take("alice")
    turns.take("bob")


def test_a_request_waits_for_its_turn() -> None:
    turns = Turns(limit=1)
    first = turns.take("alice")
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(turns.take, "alice")
        turns.give_back("alice", first)
        assert second.result(5) >= first


def test_nobody_waits_for_requests_that_are_stuck() -> None:
    turns = Turns(limit=2)
    stuck = [turns.take("alice"), turns.take("alice")]
    with pytest.raises(Problem, match="busy"):
        turns.take("alice")
    assert monotonic() - stuck[0] >= turns.PATIENCE
    started = monotonic()
    with pytest.raises(Problem, match="busy"):
        turns.take("alice")
    assert monotonic() - started < turns.PATIENCE / 2
    for taken_at in stuck:
        turns.give_back("alice", taken_at)
    turns.take("alice")


def test_at_most_as_many_as_the_limit_have_a_turn() -> None:
    turns = Turns(limit=3)
    lock, now, most = threading.Lock(), [0], [0]

    def work(_: int) -> None:
        taken_at = turns.take("alice")
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        with lock:
            now[0] -= 1
        turns.give_back("alice", taken_at)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(200)))
    assert 1 <= most[0] <= 3
    assert turns._taken == {}
