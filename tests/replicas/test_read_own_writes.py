"""Reads go to a replica that lags, stops and dies, and nobody ever fails to see what they wrote themselves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.replicas.base import Person, Place, running_place
from tests.replicas.servers import SERVER_PROGRAM, wait_for

pytestmark = [
    pytest.mark.private_servers,
    pytest.mark.skipif(
        SERVER_PROGRAM is None, reason="no server program (mysqld, mariadbd) is installed"
    ),
    pytest.mark.skipif(
        connection.vendor != "mysql", reason="runs with the suite on MySQL or MariaDB"
    ),
]
DELAY = 3


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running_place(tmp_path_factory.mktemp("place")) as place:
        yield place


@pytest.fixture(scope="module")
def mina(place: Place) -> Person:
    person = Person(place, "mina")
    person.mark()
    return person


@pytest.fixture(scope="module")
def june(place: Place, mina: Person) -> Person:
    """Follows Mina."""
    person = Person(place, "june")
    person.phone.write("PUT", f"users/{mina.id}/follow/")
    person.mark()
    return person


def test_every_read_goes_to_the_replica_once_it_holds_what_one_wrote(mina: Person) -> None:
    mina.wait_for_the_replica()
    for path, shown in mina.paths.items():
        for device in mina.devices:
            assert shown in device.http.get(path).text, path


def test_everybody_sees_their_own_writes_from_every_phone_while_the_replica_lags(
    place: Place, mina: Person
) -> None:
    mina.wait_for_the_replica()
    with place.replica.delayed(DELAY):
        todo = mina.add("Read")
        assert not mina.reads_the_replica()
        # Up to the moment at which both servers read the replica, and beyond: it never goes away again.
        while not all(mina.reads_the_replica(device) for device in mina.devices):
            assert all(mina.titles(device)[todo] == "Read" for device in mina.devices)
        assert all(mina.titles(device)[todo] == "Read" for device in mina.devices)
        mina.tablet.write("PATCH", f"todos/{todo}/", {"title": "Write"})
        assert all(mina.titles(device)[todo] == "Write" for device in mina.devices)
        mina.tablet.write("DELETE", f"todos/{todo}/", first=204)
        assert all(todo not in mina.titles(device) for device in mina.devices)


def test_no_read_that_begins_after_a_write_misses_it_when_the_replica_stutters(
    place: Place, mina: Person
) -> None:
    """What it applies comes at any moment between a write and the reads, and between two queries of one read."""
    todo, seen_on_replica, over = mina.add("0"), 0, threading.Event()

    def stutter() -> None:
        while not over.is_set():
            with place.replica.stopped():
                pass

    with ThreadPoolExecutor(3) as pool:
        stuttering = pool.submit(stutter)
        try:
            for number in range(1, 31):
                mina.phone.http.patch(
                    f"todos/{todo}/", json={"title": f"{number}"}
                ).raise_for_status()
                assert {titles[todo] for titles in pool.map(mina.titles, mina.devices)} == {
                    f"{number}"
                }
                seen_on_replica += mina.reads_the_replica()
        finally:
            over.set()
        stuttering.result()
    assert seen_on_replica


def test_a_replica_that_stands_still_hides_no_write_and_what_friends_write_comes_late(
    place: Place, mina: Person, june: Person
) -> None:
    june.wait_for_the_replica()
    with place.replica.stopped():
        todo = mina.add("Sing")
        assert all(todo in mina.titles(device) for device in mina.devices)
        assert todo not in june.titles(june.phone, mina)  # hers is still fresh enough
        wait_for(lambda: todo in june.titles(june.phone, mina), "a replica too old is not read")
        assert not june.reads_the_replica()
    june.wait_for_the_replica()


def test_what_is_not_found_on_the_replica_is_looked_for_on_the_primary(
    place: Place, mina: Person, june: Person
) -> None:
    june.wait_for_the_replica()
    with place.replica.stopped():
        todo = mina.add("Dance")
        assert june.reads_the_replica()
        assert june.phone.get(f"todos/{todo}/")["title"] == "Dance"
        assert june.phone.http.get(f"todos/{mina.id}/").status_code == 404


def test_what_changes_between_two_people_is_so_at_once_for_both(place: Place, mina: Person) -> None:
    noah = Person(place, "noah")
    noah.phone.write("PATCH", "me/", {"is_private": True})
    noah.mark()
    for person in (mina, noah):
        person.wait_for_the_replica()
    with place.replica.stopped():
        mina.phone.write("PUT", f"users/{noah.id}/follow/")
        assert len(noah.tablet.listed("follow-requests/")) == 1
        noah.phone.write("PUT", f"follow-requests/{mina.id}/", first=204)
        assert noah.todo in mina.titles(mina.tablet, noah)
        noah.phone.write("PUT", f"users/{mina.id}/block/", first=204)
        assert mina.tablet.http.get(f"users/{noah.id}/").status_code == 404
        assert (
            mina.tablet.http.get(f"days/{noah.today}/", params={"owner": noah.id}).status_code
            == 404
        )


def test_who_comes_goes_or_signs_out_does_so_at_once(place: Place, mina: Person) -> None:
    mina.wait_for_the_replica()
    with place.replica.stopped():
        newcomer = Person(place, "newcomer")
        assert newcomer.tablet.get("me/")["id"] == newcomer.id
        newcomer.phone.write("POST", "auth/logout/", first=204)
        assert newcomer.phone.http.get("me/").status_code == 401
        newcomer.tablet.write("POST", "me/delete/", {"password": "a week of two people"}, first=204)
        assert newcomer.tablet.http.get("me/").status_code == 401
        left = "SELECT user_id FROM replicas_written WHERE user_id NOT IN (SELECT id FROM accounts_user)"
        assert place.source.ask(left) == []


def test_a_read_that_the_replica_fails_in_is_answered_by_the_primary(
    place: Place, mina: Person
) -> None:
    mina.wait_for_the_replica()
    with place.replica.stopped():
        place.replica.ask("RENAME TABLE goals_goal TO goals_gone")
        try:
            assert mina.phone.get(f"goals/{mina.goal}/")["title"] == "Health"
        finally:
            place.replica.ask("RENAME TABLE goals_gone TO goals_goal")


def test_no_request_fails_when_a_replica_dies_or_hangs(place: Place, mina: Person) -> None:
    mina.wait_for_the_replica()
    place.replica.signal(signal.SIGKILL)
    for _ in range(5):
        for device in mina.devices:
            assert mina.todo in mina.titles(device)
    place.replica.start()
    mina.wait_for_the_replica()
    place.replica.signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(2) as pool:
            assert all(mina.todo in titles for titles in pool.map(mina.titles, mina.devices))
    finally:
        place.replica.signal(signal.SIGCONT)
