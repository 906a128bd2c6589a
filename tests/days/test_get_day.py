"""GET days/{date}/: the caller's own day."""

import datetime as dt

from alarms.models import Alarm
from cheers.models import Cheer
from tests.base import ids
from tests.days.base import DAY, NEXT_DAY, DaysTest, titles
from todos.models import QuickInput
from todos.offers import Offer


class GetDayTest(DaysTest):
    def test_an_empty_day_has_every_part(self) -> None:
        day = self.read(self.as_alice)
        assert day["date"] == "2026-03-02"
        assert day["today"] == self.alice.today.isoformat()
        assert day["owner"]["id"] == str(self.alice.uuid)
        assert day["owner"].keys() == {"id", "handle", "nickname", "avatar"}
        assert day["diary"] is None
        assert [day[name] for name in ("goals", "offers", "alarms", "cheers")] == [[], [], [], []]

    def test_goals_and_their_todos_are_in_order_and_empty_goals_are_included(self) -> None:
        first, second, empty = (self.goal(title=title) for title in ("First", "Second", "Empty"))
        one, _two, three = (self.todo(first, title) for title in ("one", "two", "three"))
        self.todo(second, "other")
        self.ok(
            self.as_alice.put(
                "todos/order/", {"date": "2026-03-02", "ids": [str(three.pk), str(one.pk)]}
            )
        )
        self.ok(
            self.as_alice.put(
                "goals/order/", {"ids": [str(goal.pk) for goal in (second, first, empty)]}
            )
        )
        day = self.read(self.as_alice)
        assert list(titles(day)) == ["Second", "First", "Empty"]
        assert titles(day) == {"Second": ["other"], "First": ["three", "two", "one"], "Empty": []}

    def test_a_day_has_only_todos_of_its_date(self) -> None:
        goal = self.goal()
        self.todo(goal, "today")
        self.todo(goal, "tomorrow", NEXT_DAY)
        self.todo(goal, "some day", None)
        assert titles(self.read(self.as_alice)) == {"Health": ["today"]}

    def test_an_inactive_goal_is_included_only_with_todos_of_the_date(self) -> None:
        for state in ("done", "ended", "stopped"):
            full, bare = self.goal(title=state), self.goal(title=f"{state}, empty")
            self.todo(full)
            self.todo(bare, day=NEXT_DAY)
            full.change(state=state)
            bare.change(state=state)
        assert titles(self.read(self.as_alice)) == {
            "done": ["Run"],
            "ended": ["Run"],
            "stopped": ["Run"],
        }

    def test_goals_todos_and_diary_have_the_same_shape_as_in_their_lists(self) -> None:
        goal = self.goal(visibility="selected")
        goal.viewers.set(self.bob.follows.all())
        todo, diary = (
            self.todo(goal, memo="slowly", time=dt.time(7)),
            self.diary(emoji="🙂", temperature=70),
        )
        diary.viewers.set(self.bob.follows.all())
        day = self.read(self.as_alice)
        [shown] = day["goals"]
        assert shown.pop("todos") == [self.ok(self.as_alice.get(f"todos/{todo.pk}/"))]
        assert shown == self.ok(self.as_alice.get(f"goals/{goal.pk}/"))
        assert [day["diary"]] == self.ok(self.as_alice.get(f"diaries/?date={diary.date}"))[
            "results"
        ]
        assert ids(shown["viewers"]) == ids(day["diary"]["viewers"]) == [str(self.bob.uuid)]

    def test_an_own_draft_is_the_diary_of_the_day(self) -> None:
        self.diary(is_draft=True)
        assert self.read(self.as_alice)["diary"]["is_draft"] is True

    def test_offers_are_included_until_activated_or_dismissed(self) -> None:
        goal = self.goal()
        values = {"goal": goal, "weekdays": ["mon"], "starts_on": DAY}
        stretch, water, tea = (
            QuickInput.add(self.alice, title=title, **values)
            for title in ("Stretch", "Water", "Tea")
        )
        QuickInput.add(self.alice, **values | {"title": "Rest", "weekdays": ["tue"]})
        Offer(water, DAY).activate()
        Offer(tea, DAY).dismiss()
        day = self.read(self.as_alice)
        listed = self.ok(self.as_alice.get(f"quick-inputs/offers/?date_from={DAY}&date_to={DAY}"))[
            "results"
        ]
        assert day["offers"] == listed
        assert [offer["quick_input"] for offer in day["offers"]] == [str(stretch.pk)]
        assert titles(day) == {"Health": ["Water"]}

    def test_alarms_are_ordered_by_time(self) -> None:
        late = Alarm.objects.create(owner=self.alice, time=dt.time(22, 30))
        early = Alarm.objects.create(owner=self.alice, time=dt.time(7))
        Alarm.objects.create(owner=self.bob, time=dt.time(8))
        day = self.read(self.as_alice)
        assert ids(day["alarms"]) == [str(early.pk), str(late.pk)]
        assert day["alarms"][0]["time"] == "07:00"

    def test_cheers_are_counted_by_emoji_and_the_viewers_own_is_marked(self) -> None:
        todo, diary = self.todo(self.goal(visibility="public")), self.diary(visibility="public")
        for person, emoji in ((self.alice, "🍣"), (self.bob, "🍣"), (self.charlie, "🍺")):
            Cheer.give(person, todo, emoji)
        Cheer.give(self.bob, diary, "❤️")
        Cheer.give(self.bob, self.todo(todo.goal, day=NEXT_DAY), "👍")
        cheers = {
            (c["kind"], c["id"], c["emoji"]): (c["count"], c["mine"])
            for c in self.read(self.as_alice)["cheers"]
        }
        assert cheers == {
            ("todo", str(todo.pk), "🍣"): (2, True),
            ("todo", str(todo.pk), "🍺"): (1, False),
            ("diary", str(diary.pk), "❤️"): (1, False),
        }

    def test_a_path_without_a_valid_date_is_not_found(self) -> None:
        for date in (
            "2026-02-30",
            "2026-3-2",
            "26-03-02",
            "1899-12-31",
            "2200-01-01",
            "yesterday",
            "２０２６-03-02",
        ):
            self.assert_problem(self.as_alice.get(f"days/{date}/"), 404, "not_found")

    def test_the_first_and_the_last_possible_date_can_be_read(self) -> None:
        for date in ("1900-01-01", "2199-12-31"):
            assert self.read(self.as_alice, f"days/{date}/")["date"] == date

    def test_a_day_requires_an_access_token(self) -> None:
        for path in (f"days/{DAY}/", "days/today/", "calendar/?month=2026-03"):
            self.assert_problem(self.anonymous.get(path), 401, "not_authenticated")

    def test_an_unknown_repeated_or_invalid_parameter_is_refused(self) -> None:
        alice = self.alice.uuid
        for path in (f"days/{DAY}/", "days/today/"):
            self.assert_field_error(
                self.as_alice.get(f"{path}?user={alice}"), "user", "unknown_parameter"
            )
            self.assert_field_error(
                self.as_alice.get(f"{path}?owner={alice}&owner={alice}"), "owner", "repeated"
            )
            self.assert_field_error(self.as_alice.get(f"{path}?owner=alice"), "owner", "invalid")
