"""Requests of many clients share the threads"""

from django.test import override_settings

from operations.serving.clients import address_of, client_of
from operations.serving.fairness import FairQueue
from tests.base import ApiTest


def started(queue: FairQueue[str]) -> list[str]:
    found = []
    while (request := queue.start_next()) is not None:
        found.append(request)
    return found


def test_one_client_leaves_a_thread_to_the_others() -> None:
    queue: FairQueue[str] = FairQueue(4)
    for number in range(10):
        queue.put("a", f"a{number}")
    assert started(queue) == ["a0", "a1", "a2"]
    queue.put("b", "b0")
    assert started(queue) == ["b0"]
    queue.end("a")
    assert started(queue) == ["a3"]


def test_clients_have_their_turns() -> None:
    queue: FairQueue[str] = FairQueue(2)
    for number in range(3):
        queue.put("a", f"a{number}")
    for client in "bcde":
        queue.put(client, f"{client}0")
    assert started(queue) == ["a0", "b0", "c0", "d0"]
    queue.end("b")
    assert started(queue) == ["e0"]
    queue.end("a")
    assert started(queue) == ["a1"]


def test_one_large_request_starts_at_a_time() -> None:
    queue: FairQueue[str] = FairQueue(4)
    queue.put("a", "a large", is_large=True)
    queue.put("b", "b large", is_large=True)
    queue.put("b", "b small")
    queue.put("c", "c small")
    assert started(queue) == ["a large", "c small"]
    queue.end("a", is_large=True)
    assert started(queue) == ["b large", "b small"]


def test_uploads_have_half_of_the_threads_and_hold_nothing_else_up() -> None:
    queue: FairQueue[str] = FairQueue(4)
    for client in "abc":
        queue.put(client, f"{client} upload", is_upload=True)
    queue.put("a", "a upload 2", is_upload=True)
    queue.put("a", "a")
    queue.put("c", "c")
    assert started(queue) == ["a upload", "b upload", "a", "c"]
    queue.end("c")
    assert started(queue) == []
    queue.end("b", is_upload=True)
    assert started(queue) == ["c upload"]
    queue.end("a", is_upload=True)
    assert started(queue) == ["a upload 2"]


def test_a_single_thread_serves_everyone() -> None:
    queue: FairQueue[str] = FairQueue(1)
    for request in ("a0", "a1"):
        queue.put("a", request)
    assert started(queue) == ["a0"]
    queue.end("a")
    assert started(queue) == ["a1"]
    queue.end("a")
    assert started(queue) == []
    assert not queue._started


class ClientTest(ApiTest):
    def test_a_person_is_one_client_with_any_token_in_any_spelling(self) -> None:
        tokens = [self.as_alice.tokens["access"]]
        refreshed = self.anonymous.post(
            "auth/token/refresh/", {"refresh": self.as_alice.tokens["refresh"]}
        )
        tokens.append(self.ok(refreshed)["access"])
        spellings = [
            f"{scheme} {token}".encode()
            for scheme in ("Bearer", "bearer", "BEARER ")
            for token in tokens
        ]
        clients = {client_of(spelling, lambda: "10.0.0.1") for spelling in spellings}
        assert clients == {str(self.alice.uuid)}

    def test_whose_token_is_not_valid_is_an_address(self) -> None:
        for header in (b"", b"Bearer x", b"Bearer \xff.\xff.\xff", b"Basic YTpi", b"Bearer"):
            assert client_of(header, lambda: "10.0.0.1") == "10.0.0.1"


def test_clients_behind_a_proxy_are_told_apart_by_what_it_forwards() -> None:
    with override_settings(TRUSTED_PROXIES=1):
        assert address_of("", b"1.2.3.4, 10.0.0.1") == "10.0.0.1"
        assert address_of("", b"2001:db8::1") == address_of("", b"2001:db8::2")
    with override_settings(TRUSTED_PROXIES=0):
        assert address_of(("10.0.0.7", 5), b"1.2.3.4") == "10.0.0.7"
