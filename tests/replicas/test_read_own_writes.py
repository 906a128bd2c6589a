"""Test that users always see their own writes, while the replica lags, stops and dies."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connection

from tests.base import new_id
from tests.replicas.base import Person, Site, running_site
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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def mina(site: Site) -> Person:
    person = Person(site, "mina")
    person.mark()
    return person


@pytest.fixture(scope="module")
def june(site: Site, mina: Person) -> Person:
    """Create a user who follows Mina."""
    person = Person(site, "june")
    person.phone.write("PUT", f"users/{mina.id}/follow/")
    person.mark()
    return person


def test_reads_go_to_the_replica_once_it_has_the_users_writes(mina: Person) -> None:
    mina.wait_for_the_replica()
    for path, shown in mina.paths.items():
        for device in mina.devices:
            assert shown in device.http.get(path).text, path


def test_users_see_their_writes_on_all_devices_while_the_replica_lags(
    site: Site, mina: Person
) -> None:
    mina.wait_for_the_replica()
    with site.replica.delayed(DELAY):
        todo = mina.add("Read")
        assert not mina.reads_the_replica()
        # The todo is visible at all times, before and after both servers use the replica.
        while not all(mina.reads_the_replica(device) for device in mina.devices):
            assert all(mina.titles(device)[todo] == "Read" for device in mina.devices)
        assert all(mina.titles(device)[todo] == "Read" for device in mina.devices)
        mina.tablet.write("PATCH", f"todos/{todo}/", {"title": "Write"})
        assert all(mina.titles(device)[todo] == "Write" for device in mina.devices)
        mina.tablet.write("DELETE", f"todos/{todo}/", first=204)
        assert all(todo not in mina.titles(device) for device in mina.devices)


def test_no_read_after_a_write_misses_it_while_replication_stutters(
    site: Site, mina: Person
) -> None:
    """Changes are applied between a write and the reads, and between two queries of a read."""
    todo, seen_on_replica, over = mina.add("0"), 0, threading.Event()

    def stutter() -> None:
        while not over.is_set():
            with site.replica.stopped():
                pass

    with ThreadPoolExecutor(3) as pool:
        future = pool.submit(stutter)
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
        future.result()
    assert seen_on_replica


def test_a_stopped_replica_delays_only_the_writes_of_others(
    site: Site, mina: Person, june: Person
) -> None:
    june.wait_for_the_replica()
    with site.replica.stopped():
        todo = mina.add("Sing")
        assert all(todo in mina.titles(device) for device in mina.devices)
        assert todo not in june.titles(june.phone, mina)  # June still reads the replica
        wait_for(lambda: todo in june.titles(june.phone, mina), "a replica too old is not read")
        assert not june.reads_the_replica()
    june.wait_for_the_replica()


def test_objects_missing_on_the_replica_are_read_from_the_primary(
    site: Site, mina: Person, june: Person
) -> None:
    june.wait_for_the_replica()
    with site.replica.stopped():
        todo = mina.add("Dance")
        assert june.reads_the_replica()
        assert june.phone.get(f"todos/{todo}/")["title"] == "Dance"
        assert june.phone.http.get(f"todos/{mina.id}/").status_code == 404


def test_a_changed_relation_is_visible_to_both_users_at_once(site: Site, mina: Person) -> None:
    noah = Person(site, "noah")
    noah.phone.write("PATCH", "me/", {"is_private": True})
    noah.mark()
    for person in (mina, noah):
        person.wait_for_the_replica()
    with site.replica.stopped():
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


def test_what_is_narrowed_is_gone_at_once_for_readers_without_an_account(
    site: Site,
) -> None:
    sora = Person(site, "sora")
    sora.phone.write("PATCH", "me/", {"is_open": True})
    body = {"id": new_id(), "date": sora.today, "body": "Open", "visibility": "public"}
    path = f"diaries/{sora.phone.write('POST', 'diaries/', body, first=201)['id']}/"
    sora.mark()
    sora.wait_for_the_replica()
    readers = [httpx.Client(base_url=f"{address}/api/v1/") for address in site.addresses]
    with site.replica.stopped():
        assert {reader.get(path).status_code for reader in readers} == {200}
        sora.phone.write("PATCH", path, {"visibility": "followers"})
        assert {reader.get(path).status_code for reader in readers} == {404}
        lists = [reader.get("diaries/", params={"owner": sora.id}) for reader in readers]
        assert [answer.json()["results"] for answer in lists] == [[], []]
    for reader in readers:
        reader.close()


def test_signing_up_and_out_and_deleting_an_account_take_effect_at_once(
    site: Site, mina: Person
) -> None:
    mina.wait_for_the_replica()
    with site.replica.stopped():
        newcomer = Person(site, "newcomer")
        assert newcomer.tablet.get("me/")["id"] == newcomer.id
        newcomer.phone.write("POST", "auth/logout/", first=204)
        assert newcomer.phone.http.get("me/").status_code == 401
        newcomer.tablet.write("POST", "me/delete/", {"password": "a week of two people"}, first=204)
        assert newcomer.tablet.http.get("me/").status_code == 401
        left = (
            "SELECT user_id FROM replicas_written"
            " WHERE user_id NOT IN (SELECT id FROM accounts_user)"
        )
        assert site.source.ask(left) == []


def test_a_read_that_fails_on_the_replica_is_answered_by_the_primary(
    site: Site, mina: Person
) -> None:
    mina.wait_for_the_replica()
    with site.replica.stopped():
        site.replica.ask("RENAME TABLE goals_goal TO goals_gone")
        try:
            assert mina.phone.get(f"goals/{mina.goal}/")["title"] == "Health"
        finally:
            site.replica.ask("RENAME TABLE goals_gone TO goals_goal")


def test_no_request_fails_when_a_replica_dies_or_hangs(site: Site, mina: Person) -> None:
    mina.wait_for_the_replica()
    site.replica.signal(signal.SIGKILL)
    for _ in range(5):
        for device in mina.devices:
            assert mina.todo in mina.titles(device)
    site.replica.start()
    mina.wait_for_the_replica()
    site.replica.signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(2) as pool:
            assert all(mina.todo in titles for titles in pool.map(mina.titles, mina.devices))
    finally:
        site.replica.signal(signal.SIGCONT)
