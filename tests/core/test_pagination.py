"""Pages of lists and their cursors"""

import base64
import itertools
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import override_settings

from accounts.models import Follow, User
from alarms.models import Alarm
from core.cursors import seal, unseal
from core.pagination import scope_of
from goals.models import Goal
from tests.base import EMPTY_PAGE, ApiTest, ids, new_id, person
from todos.models import Todo


def cursor(user: User, where: str, *values: Any) -> str:
    """Return the cursor that the server would make for the user and the list `where`."""
    path, _, query = where.partition("?")
    filters = sorted(parse_qsl(query))
    return seal(list(values), scope_of(user.pk, f"/api/v1/{path}", filters))


class PagesTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        # Twelve goals on three places: ties everywhere.
        self.goals = [
            Goal.objects.create(owner=self.alice, title=str(n), position=2 - n // 4)
            for n in range(12)
        ]
        self.order = [
            str(goal.pk) for goal in sorted(self.goals, key=lambda goal: (goal.position, goal.pk))
        ]

    def page(self, path: str = "goals/?page_size=5") -> Any:
        return self.ok(self.as_alice.get(path))

    def test_pages_hold_every_row_once_in_order_despite_ties(self) -> None:
        for size in (1, 3, 4, 5, 11):
            page, seen = self.page(f"goals/?page_size={size}"), []
            while True:
                assert len(page["results"]) <= size
                seen += ids(page["results"])
                if page["next"] is None:
                    break
                page = self.page(page["next"])
            assert seen == self.order, size

    def test_cursors_are_those_of_the_links(self) -> None:
        page = self.page()
        for _ in range(2):
            for name in ("next", "previous"):
                link, cursor = page[name], page[f"{name}_cursor"]
                if link is None:
                    assert cursor is None
                    continue
                assert parse_qs(urlsplit(link).query)["cursor"] == [cursor]
                there = self.page(f"goals/?page_size=5&cursor={cursor}")
                assert ids(there["results"]) == ids(self.page(link)["results"])
            page = self.page(f"goals/?page_size=5&cursor={page['next_cursor']}")
        assert page["next_cursor"] is None
        assert page["previous_cursor"] is not None

    def test_previous_leads_back_over_the_same_pages(self) -> None:
        first = self.page()
        second = self.page(first["next"])
        third = self.page(second["next"])
        assert (first["previous"], third["next"]) == (None, None)
        back = self.page(third["previous"])
        assert ids(back["results"]) == ids(second["results"])
        begin = self.page(back["previous"])
        assert ids(begin["results"]) == ids(first["results"])
        assert begin["previous"] is None
        assert ids(self.page(begin["next"])["results"]) == ids(second["results"])

    def test_rows_deleted_between_pages_shift_no_page(self) -> None:
        first = self.page()
        for pk in self.order[2:7]:  # on both sides of the edge, the row at the edge among them
            Goal.objects.get(pk=pk).remove()
        rest = self.page(first["next"])
        assert ids(rest["results"]) == self.order[7:12]
        assert ids(self.page(rest["previous"])["results"]) == self.order[:2]

    def test_rows_added_behind_the_page_appear_on_a_later_one(self) -> None:
        first = self.page()
        before = Goal.objects.create(owner=self.alice, title="x", position=0)
        behind = Goal.objects.create(owner=self.alice, title="x", position=9)
        rest = ids(self.page(first["next"])["results"]) + ids(
            self.page(self.page(first["next"])["next"])["results"]
        )
        assert rest == [*self.order[5:], str(behind.pk)]
        assert str(before.pk) not in rest

    def test_links_keep_the_filters(self) -> None:
        Goal.objects.filter(pk__in=self.order[::2]).update(state="done")
        page = self.page("goals/?page_size=4&state=done")
        assert ids(page["results"]) + ids(self.page(page["next"])["results"]) == self.order[::2]

    def test_links_work_if_the_query_was_not_escaped(self) -> None:
        for day in range(3):
            self.ok(
                self.as_alice.post("diaries/", {"date": str(self.day(day)), "emoji": "😀"}), 201
            )
        page, days = self.page("diaries/?page_size=1&emoji=😀"), []
        while True:
            days += [row["date"] for row in page["results"]]
            if page["next"] is None:
                break
            page = self.page(page["next"])
        assert days == [str(self.day(day)) for day in (2, 1, 0)]

    def test_a_page_holds_50_rows_by_default_and_at_most_200(self) -> None:
        Goal.objects.bulk_create(Goal(owner=self.alice, title="x", position=n) for n in range(250))
        assert len(self.page("goals/")["results"]) == 50
        assert len(self.page("goals/?page_size=200")["results"]) == 200
        assert len(self.page("goals/?page_size=1")["results"]) == 1
        for size in ("0", "201", "-1", "1.0", "", "x", "٣", "1e1", "9" * 5000):
            self.assert_field_error(
                self.as_alice.get(f"goals/?page_size={size}"), "page_size", "invalid"
            )

    def test_an_empty_list_is_one_empty_page(self) -> None:
        assert self.ok(self.as_charlie.get("goals/")) == EMPTY_PAGE

    def test_every_page_takes_the_same_number_of_queries(self) -> None:
        first = self.page()
        for path in ("goals/?page_size=5", first["next"], self.page(first["next"])["previous"]):
            with self.assertNumQueries(
                3
            ):  # the session with its user and profile; the page; its viewers
                self.page(path)


class DescendingTest(ApiTest):
    def test_newest_first_lists_hold_every_row_once_despite_ties(self) -> None:
        self.alice.profile.change(is_private=True)
        fans = [person(f"Fan{n}") for n in range(7)]
        for fan in fans:
            fan.follow(self.alice)
        noon = datetime(2026, 5, 1, 12, 0, 0, 123_456, tzinfo=UTC)
        for n, follow in enumerate(Follow.objects.pending().order_by("pk")):
            Follow.objects.filter(pk=follow.pk).update(
                created_at=noon + timedelta(microseconds=n // 3)
            )
        page, seen = self.ok(self.as_alice.get("follow-requests/?page_size=2")), []
        seen += page["results"]
        while page["next"]:
            page = self.ok(self.as_alice.get(page["next"]))
            seen += page["results"]
        assert len(seen) == len({row["user"]["id"] for row in seen}) == 7


class ThreeFieldsTest(ApiTest):
    def test_a_list_ordered_by_three_fields_holds_every_row_once_in_order(self) -> None:
        goal, places = self.goal(), list(itertools.product((3, 1, 2), (1, 0), range(3)))
        for day, position, _ in places:
            Todo.objects.create(
                owner=self.alice, goal=goal, title="x", date=date(2026, 5, day), position=position
            )
        page = self.ok(self.as_alice.get("todos/?page_size=4"))
        seen = page["results"]
        while page["next"]:
            page = self.ok(self.as_alice.get(page["next"]))
            seen += page["results"]
        keys = [(row["date"], row["position"], row["id"]) for row in seen]
        assert keys == sorted(set(keys))
        assert len(keys) == len(places)


class CursorTest(ApiTest):
    def test_foreign_cursors_are_refused(self) -> None:
        good, forged = str(self.goal().pk), partial(cursor, self.alice, "goals/")
        for text in (
            "x",
            "é",
            "%00",
            "W10",
            forged(),
            forged(False),
            forged(False, 1),
            forged(False, 1, good, 1),
            forged(False, "x", good),
            forged(False, None, good),
            forged(False, 1.5, good),
            forged(False, [1], good),
            forged(False, {"a": 1}, good),
            forged(False, 2**31, good),
            forged(False, 2**63, good),
            forged(False, -(2**40), good),
            forged(False, 1, "x"),
            forged(False, 1, 7),
            forged(False, 1, None),
            base64.urlsafe_b64encode(b"[" * 50_000).decode(),
            base64.urlsafe_b64encode(b"{}").decode(),
            base64.urlsafe_b64encode(b'"ab"').decode(),
            base64.urlsafe_b64encode(b"5").decode(),
        ):
            with self.subTest(text=text[:40]):
                self.assert_field_error(
                    self.as_alice.get(f"goals/?cursor={text}"), "cursor", "invalid"
                )

    def test_a_forged_cursor_of_any_list_gives_a_page_or_a_400(self) -> None:
        Alarm.add(self.alice, time=time(7))
        values = [
            0,
            -1,
            2**31 - 1,
            2**62,
            True,
            "",
            "x",
            "\0",
            "07:00:00",
            "07:00:00+09:00",
            "2026-05-01",
            str(self.alice.uuid),
        ]
        values += [
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "2026-05-01T12:00:00Z",
            "2026-05-01T12:00:00",
            "🍣",
        ]
        day, me = "2026-05-01", str(self.alice.uuid)
        for path, keys in {
            "goals/?": [("?", me), (1, "?")],
            "alarms/?": [("?", me), ("07:00:00", "?")],
            "users/?q=al&": [("?",)],
            "follow-requests/?": [("?", me), ("2026-05-01T12:00:00Z", "?")],
            "todos/?": [("?", 1, me), (day, "?", me), (day, 1, "?")],
            "diaries/?": [("?", me), (day, "?")],
        }.items():
            for key, value in itertools.product(keys, values):
                forged = [value if part == "?" else part for part in key]
                answer = self.as_alice.get(
                    f"{path}cursor={cursor(self.alice, path, False, *forged)}"
                )
                assert answer.status_code in (200, 400), (path, forged, answer.content)

    def test_a_cursor_shows_no_hidden_rows(self) -> None:
        self.goal(self.bob)
        for backwards in (False, True):
            answer = self.as_alice.get(
                f"goals/?cursor={cursor(self.alice, 'goals/', backwards, 0, str(self.alice.uuid))}"
            )
            assert self.ok(answer)["results"] == []

    def test_a_cursor_is_encrypted(self) -> None:
        text = seal([False, 12345, "hidden"], "here")
        assert unseal(text, "here") == [False, 12345, "hidden"]
        assert b"12345" not in base64.urlsafe_b64decode(text + "==")
        assert seal([False, 12345, "hidden"], "here") != text
        with override_settings(SECRET_KEY="another" * 10), pytest.raises(ValueError, match=text):
            unseal(text, "here")

    def test_the_length_of_a_cursor_tells_nothing_of_its_values(self) -> None:
        pk, instant = new_id(), datetime(2026, 3, 1, 10, 0, 0, 123456, UTC)
        values: list[tuple[Any, ...]] = [
            *((date(2026, 3, 1), 10**digits, pk) for digits in range(10)),
            *((instant.replace(microsecond=n), pk) for n in (0, 5, 999_999)),
            *(("x" * length,) for length in (4, 30)),
        ]
        lengths = {len(cursor(self.alice, "x/", flag, *key)) for key in values for flag in (0, 1)}
        assert len(lengths) == 1
        assert unseal(cursor(self.alice, "x/", False, 7), scope_of(self.alice.pk, "/api/v1/x/", []))

    def test_a_cursor_is_valid_for_its_list_and_viewer_only(self) -> None:
        for number in range(3):
            self.goal(title=str(number), visibility="public")
        mine = (
            self.ok(self.as_alice.get("goals/?page_size=1"))["next"]
            .rpartition("cursor=")[2]
            .partition("&")[0]
        )
        self.ok(self.as_alice.get(f"goals/?page_size=2&cursor={mine}"))
        for client, path in (
            (self.as_alice, "goals/?state=active&"),
            (self.as_alice, f"goals/?owner={self.bob.uuid}&"),
            (self.as_alice, "alarms/?"),
            (self.as_bob, "goals/?"),
        ):
            self.assert_field_error(client.get(f"{path}cursor={mine}"), "cursor", "invalid")
