"""What the API showed may be sent back as it is: never a 400, and nothing changes.

Phones keep rows as they read them, change a field, and send the whole row, hours later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from django.db.models import Model

from accounts.models import Profile
from alarms.models import Alarm
from cheers.models import Cheer
from core import clock
from diaries.models import Diary
from goals.models import Goal
from tests.base import ApiTest, person
from todos.models import QuickInput, Todo
from todos.offers import Offer

MONDAY = date(2026, 3, 2)
PATHS = {
    Alarm: "alarms/",
    Diary: "diaries/",
    Goal: "goals/",
    QuickInput: "quick-inputs/",
    Todo: "todos/",
}


def as_changed(read: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the answer to a change has it: the cheers of a diary are not read for it."""
    return read | {"cheers": None} if "cheers" in read else read


class SendBackTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.follow = self.bob.follow(self.alice)

    def rows(self) -> Iterator[Model]:
        """Yield Alice's rows of each kind, in each state that one can be in."""
        yield from self.goals()
        for title in ("Runs", "Ended since"):
            goal = self.goal(title=title)
            yield from self.todos(goal)
            yield from self.quick_inputs(goal)
            if title == "Ended since":
                goal.change(state=Goal.State.ENDED)
        yield from self.diaries()
        for hour, is_on in ((0, True), (23, False)):
            yield Alarm.add(self.alice, time=dt.time(hour, 59), is_on=is_on)

    def goals(self) -> Iterator[Goal]:
        for state in Goal.State:
            yield self.goal(title="Health 🍣", state=state, color="#FF8800")
        for visibility in ("private", "selected", "followers", "public"):
            goal = self.goal(title="x" * 200, visibility=visibility)
            goal.viewers.set([self.follow])
            yield goal

    def todos(self, goal: Goal) -> Iterator[Todo]:
        early, late = dt.datetime(2026, 3, 2, tzinfo=UTC), clock.now() + dt.timedelta(days=1)
        for values in (
            {"date": MONDAY},
            {"date": MONDAY, "time": dt.time(9, 30), "memo": " two\nlines "},
            {"date": MONDAY, "is_done": True},
            {"date": MONDAY, "is_done": True, "done_at": early},
            {"date": MONDAY, "is_done": True, "done_at": late},  # the server's clock was ahead
            {"date": None},
            {"date": date(2199, 12, 31)},
        ):
            yield Todo.add(self.alice, goal=goal, title="Run", **values)

    def quick_inputs(self, goal: Goal) -> Iterator[QuickInput | Todo]:
        for ends_on in (None, MONDAY):
            daily = QuickInput.add(
                self.alice,
                goal=goal,
                title="Water",
                weekdays=["mon", "sun"],
                starts_on=MONDAY,
                ends_on=ends_on,
            )
            todo, _created = Offer(daily, MONDAY).activate(is_done=ends_on is None)
            yield daily
            yield todo
        todo.edit(date=MONDAY + dt.timedelta(days=1), time=dt.time(7))
        daily.remove()
        todo.refresh_from_db()  # which no quick input offers any more
        yield todo

    def diaries(self) -> Iterator[Diary]:
        for number, values in enumerate(
            (
                {},
                {"body": "\n x ", "emoji": "❤️", "temperature": 0, "color": "#FF8800"},
                {"is_draft": True, "visibility": "public"},
                {"visibility": "selected"},
            )
        ):
            diary = Diary.add(self.alice, date=MONDAY + dt.timedelta(days=number), **values)
            diary.viewers.set([self.follow])
            yield diary

    def test_a_row_sent_back_as_it_was_read_changes_nothing(self) -> None:
        kinds = set()
        rows = [(row, PATHS[type(row)]) for row in self.rows()]
        for row, path in rows:
            if not type(row).objects.filter(pk=row.pk).exists():
                continue  # the quick input that was removed
            url = f"{path}{row.pk}/"
            read = self.ok(self.as_alice.get(url))
            with self.subTest(url, row=read):
                assert self.ok(self.as_alice.patch(url, read)) == as_changed(read)
                assert self.ok(self.as_alice.get(url)) == read
                for name, value in read.items():
                    answer = self.ok(self.as_alice.patch(url, {name: value}))
                    assert answer == as_changed(read), name
                assert self.ok(self.as_alice.post(path, read)) == as_changed(read)
                assert self.ok(self.as_alice.get(url)) == read
            kinds.add(type(row))
        assert kinds == set(PATHS)

    def test_rows_of_lists_and_days_can_be_sent_back(self) -> None:
        list(self.rows())
        lists = [*PATHS.values(), "archive/"]
        read = [
            (path.replace("archive", "todos"), row)
            for path in lists
            for row in self.ok(self.as_alice.get(f"{path}?page_size=200"))["results"]
        ]
        day = self.ok(self.as_alice.get(f"days/{MONDAY}/"))
        read += [("goals/", goal) for goal in day["goals"]]
        read += [("todos/", todo) for goal in day["goals"] for todo in goal["todos"]]
        read += [("diaries/", day["diary"]), *(("alarms/", alarm) for alarm in day["alarms"])]
        for path, row in read:
            answer = self.ok(self.as_alice.patch(f"{path}{row['id']}/", row))
            assert answer == {name: value for name, value in row.items() if name != "todos"}

    def test_ones_own_profile_can_be_sent_back(self) -> None:
        for values in (
            {},
            {"timezone": "Nowhere/Land"},  # which the server knew once
            {"is_private": True, "is_open": True, "day_starts_at": 6, "locale": "en"},
        ):
            Profile.objects.filter(pk=self.alice.pk).update(**values)
            read = self.ok(self.as_alice.get("me/"))
            assert self.ok(self.as_alice.patch("me/", read)) == read
            for name, value in read.items():
                assert self.ok(self.as_alice.patch("me/", {name: value})) == read, name

    def test_a_cheer_can_be_sent_back(self) -> None:
        goal = self.goal(visibility="public")
        todo = Todo.add(self.alice, goal=goal, title="Run", date=MONDAY)
        Cheer.give(self.bob, todo, "👍")
        read = self.ok(self.as_bob.get("cheers/"))["results"][0]
        assert self.ok(self.as_bob.put(f"cheers/todos/{todo.pk}/", read)) == read

    def test_a_value_that_a_rule_refuses_since_can_be_sent_back(self) -> None:
        goal, diary = self.goal(), Diary.add(self.alice, date=MONDAY)
        alarm = Alarm.add(self.alice, time=dt.time(9))
        Goal.objects.filter(pk=goal.pk).update(title="x\x07y", color="red")
        Diary.objects.filter(pk=diary.pk).update(emoji="x", date="1899-12-31")
        for path, pk in (("goals/", goal.pk), ("diaries/", diary.pk), ("alarms/", alarm.pk)):
            read = self.ok(self.as_alice.get(f"{path}{pk}/"))
            assert self.ok(self.as_alice.patch(f"{path}{pk}/", read)) == as_changed(read)
        refused = self.as_alice.patch(f"goals/{goal.pk}/", {"title": "x\x00z", "color": "red"})
        assert [e["field"] for e in refused.json()["errors"]] == ["title"]

    def test_only_the_very_value_that_is_shown_is_taken_for_it(self) -> None:
        todo = Todo.add(self.alice, goal=self.goal(), title="1", date=MONDAY, is_done=True)
        for name, value in (("is_done", 1), ("title", 1), ("goal", 1), ("date", "2026-3-2")):
            self.assert_field_error(
                self.as_alice.patch(f"todos/{todo.pk}/", {name: value}), name, "invalid"
            )

    def test_deeply_nested_values_are_refused_as_any_others(self) -> None:
        url = f"goals/{self.goal().pk}/"
        for name in ("title", "color", "visibility", "state", "viewers"):
            for depth in (100, 250, 500):
                nested: Any = []
                for _ in range(depth):
                    nested = [nested]
                answer = self.as_alice.patch(url, {name: nested})
                assert answer.status_code == 400, (name, depth, answer.content)


class SendBackLaterTest(ApiTest):
    """Rows that are sent back after something else has changed."""

    def test_viewers_who_have_stopped_following_are_left_out(self) -> None:
        fan = person("Fan")
        for path, row in (
            ("goals/", self.goal(visibility="selected")),
            ("diaries/", Diary.add(self.alice, date=MONDAY, visibility="selected")),
        ):
            row.viewers.set([self.bob.follow(self.alice), fan.follow(self.alice)])
            url = f"{path}{row.pk}/"
            read = self.ok(self.as_alice.get(url))
            fan.unfollow(self.alice)
            sent = self.ok(self.as_alice.patch(url, read | {"visibility": "public"}))
            assert sent["visibility"] == "public"
            assert [card["id"] for card in sent["viewers"]] == [str(self.bob.uuid)]
            chosen = [card["id"] for card in read["viewers"]]
            sent = self.ok(self.as_alice.patch(url, {"viewers": chosen}))
            assert [card["id"] for card in sent["viewers"]] == [str(self.bob.uuid)]
            self.alice.block(self.bob)
            assert self.ok(self.as_alice.patch(url, read))["viewers"] == []
            self.alice.unblock(self.bob)
            self.bob.follow(self.alice)

    def test_a_new_row_leaves_out_people_who_have_stopped_following(self) -> None:
        copied = self.goal(visibility="selected")
        copied.viewers.set([self.bob.follow(self.alice)])
        cards = self.ok(self.as_alice.get(f"goals/{copied.pk}/"))["viewers"]
        self.bob.unfollow(self.alice)
        days = iter(("2026-02-02", "2026-02-03"))
        for viewers in (cards, [card["id"] for card in cards]):
            for path, body in (
                ("goals/", {"title": "Copy"}),
                ("diaries/", {"date": next(days), "body": "Written offline"}),
            ):
                row = {"visibility": "selected", "viewers": viewers} | body
                made = self.ok(self.as_alice.post(path, row), 201)
                assert (made["visibility"], made["viewers"]) == ("selected", [])

    def test_a_goal_that_was_deleted_since_leaves_the_row_where_it_is(self) -> None:
        old, new = self.goal(), self.goal(title="New")
        todo = Todo.add(self.alice, goal=old, title="Run", date=MONDAY)
        weekly = QuickInput.add(self.alice, goal=old, title="Water", weekdays=["mon"])
        for path, row in (("todos/", todo), ("quick-inputs/", weekly)):
            url = f"{path}{row.pk}/"
            read = self.ok(self.as_alice.get(url))
            self.ok(self.as_alice.patch(url, {"goal": str(new.pk)}))
            if path == "quick-inputs/":
                self.ok(self.as_alice.delete(f"goals/{old.pk}/"), 204)
                sent = self.ok(self.as_alice.patch(url, read | {"title": "Tea"}))
                assert (sent["goal"], sent["title"]) == (str(new.pk), "Tea")
        sent = self.ok(self.as_alice.patch(f"todos/{todo.pk}/", {"goal": str(old.pk)}))
        assert sent["goal"] == str(new.pk)

    def test_a_goal_that_has_ended_since_keeps_what_it_holds(self) -> None:
        goal = self.goal()
        todo = Todo.add(self.alice, goal=goal, title="Run", date=MONDAY)
        read = self.ok(self.as_alice.get(f"todos/{todo.pk}/"))
        goal.change(state=Goal.State.ENDED)
        changed = {"title": "Swim", "date": "2026-03-03", "is_done": True}
        sent = self.ok(self.as_alice.patch(f"todos/{todo.pk}/", read | changed))
        assert sent.items() >= changed.items()

    def test_an_activated_todo_can_be_created_again_only_by_its_owner(self) -> None:
        weekly = QuickInput.add(
            self.alice,
            goal=self.goal(visibility="public"),
            title="Water",
            weekdays=["mon"],
            starts_on=MONDAY,
        )
        todo, _created = Offer(weekly, MONDAY).activate()
        read = self.ok(self.as_alice.get(f"todos/{todo.pk}/"))
        own = {"goal": str(self.goal(self.bob).pk)}
        self.assert_field_error(self.as_bob.post("todos/", read | own), "id", "version")
        todo.remove()
        self.assert_field_error(self.as_alice.post("todos/", read), "id", "version")
