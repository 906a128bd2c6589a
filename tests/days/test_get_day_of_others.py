"""GET days/{date}/?owner=: the day of another person."""

from typing import Any

from accounts.models import User
from alarms.models import Alarm
from cheers.models import Cheer
from diaries.models import Diary
from tests.base import Client, new_id, person
from tests.days.base import DAY, DaysTest, titles
from todos.models import QuickInput

VISIBILITIES = ("private", "selected", "followers", "public")


def shape(value: Any) -> Any:
    """Return the keys of an answer, at every depth."""
    if isinstance(value, dict):
        return {
            name: shape(inner)
            for name, inner in value.items()
            if name not in ("viewers", "offers", "alarms")
        }
    return [shape(inner) for inner in value] if isinstance(value, list) else None


class GetDayOfOthersTest(DaysTest):
    def fill(self) -> None:
        """Create a goal with a todo per visibility; Bob is the viewer of the selected one."""
        for visibility in VISIBILITIES:
            goal = self.goal(title=visibility, visibility=visibility)
            goal.viewers.set(self.bob.follows.all())
            self.todo(goal, memo="mine alone")

    def test_each_viewer_gets_the_visible_goals(self) -> None:
        self.fill()
        follower = person("Dora")
        follower.follow(self.alice)
        expected = {
            self.as_alice: {"private", "selected", "followers", "public"},
            self.as_bob: {"selected", "followers", "public"},
            Client(follower): {"followers", "public"},
            self.as_charlie: {"public"},
        }
        for phone, seen in expected.items():
            assert set(titles(self.read(phone, owner=self.alice))) == seen

    def test_the_day_of_a_private_account_is_empty_for_strangers(self) -> None:
        self.fill()
        self.diary(visibility="public")
        self.alice.profile.change(is_private=True)
        day = self.read(self.as_charlie, owner=self.alice)
        assert day["owner"]["id"] == str(self.alice.uuid)
        assert (day["goals"], day["diary"], day["cheers"]) == ([], None, [])
        assert set(titles(self.read(self.as_bob, owner=self.alice))) == {
            "selected",
            "followers",
            "public",
        }

    def test_the_shape_is_the_same_and_private_fields_are_null(self) -> None:
        self.todo(self.goal(visibility="public"), memo="mine alone")
        self.diary(visibility="public")
        day = self.read(self.as_charlie, owner=self.alice)
        assert shape(day) == shape(self.read(self.as_alice))
        [goal] = day["goals"]
        [todo] = goal["todos"]
        assert [goal[name] for name in ("viewers", "position")] == [None, None]
        assert [todo[name] for name in ("memo", "position", "quick_input", "offered_on")] == [
            None
        ] * 4
        assert day["diary"]["viewers"] is None

    def test_goals_todos_and_diary_are_the_same_as_in_their_lists(self) -> None:
        todo, diary = self.todo(self.goal(visibility="public")), self.diary(visibility="followers")
        day = self.read(self.as_bob, owner=self.alice)
        [goal] = day["goals"]
        assert goal.pop("todos") == [self.ok(self.as_bob.get(f"todos/{todo.pk}/"))]
        assert goal == self.ok(self.as_bob.get(f"goals/{todo.goal_id}/"))
        path = f"diaries/?owner={self.alice.uuid}&date={diary.date}"
        assert [day["diary"]] == self.ok(self.as_bob.get(path))["results"]

    def test_offers_and_alarms_are_for_their_owner_only(self) -> None:
        goal = self.goal(visibility="public")
        QuickInput.add(self.alice, goal=goal, title="Water", weekdays=["mon"], starts_on=DAY)
        Alarm.objects.create(owner=self.alice, time="07:00")
        day = self.read(self.as_bob, owner=self.alice)
        assert (day["offers"], day["alarms"]) == ([], [])
        mine = self.read(self.as_alice, owner=self.alice)
        assert (len(mine["offers"]), len(mine["alarms"])) == (1, 1)

    def test_a_diary_is_shown_by_its_visibility_and_a_draft_never(self) -> None:
        diary = self.diary(visibility="followers")
        assert self.read(self.as_bob, owner=self.alice)["diary"]["id"] == str(diary.pk)
        assert self.read(self.as_charlie, owner=self.alice)["diary"] is None
        diary.change(visibility="public", is_draft=True)
        assert self.read(self.as_bob, owner=self.alice)["diary"] is None

    def test_cheers_of_people_blocked_in_either_direction_are_not_counted(self) -> None:
        todo = self.todo(self.goal(visibility="public"))
        dora, emil = person("Dora"), person("Emil")
        for giver in (self.bob, dora, emil):
            Cheer.give(giver, todo, "👍")
        self.charlie.block(dora)
        emil.block(self.charlie)
        [cheers] = self.read(self.as_charlie, owner=self.alice)["cheers"]
        assert (cheers["count"], cheers["mine"]) == (1, False)
        [cheers] = self.read(self.as_bob, owner=self.alice)["cheers"]
        assert (cheers["count"], cheers["mine"]) == (3, True)

    def test_cheers_on_hidden_targets_are_not_counted(self) -> None:
        todo, diary = self.todo(self.goal()), self.diary()
        Cheer.give(self.alice, todo, "👍")
        Cheer.give(self.alice, diary, "👍")
        assert self.read(self.as_bob, owner=self.alice)["cheers"] == []

    def test_a_hidden_person_answers_like_a_random_id(self) -> None:
        blocked, gone = person("Dora"), person("Emil", is_private=True)
        self.charlie.block(self.bob)
        self.bob.block(blocked)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        hidden = [self.charlie.uuid, blocked.uuid, gone.uuid, new_id()]
        for path in (f"days/{DAY}/?", "days/today/?", "calendar/?month=2026-03&"):
            bodies = [
                self.assert_problem(self.as_bob.get(f"{path}owner={pk}"), 404, "not_found")
                for pk in hidden
            ]
            assert all(body == bodies[0] for body in bodies)

    def test_a_diary_of_another_person_is_not_shown_as_the_owners(self) -> None:
        Diary.objects.create(owner=self.charlie, date=DAY, visibility="public")
        assert self.read(self.as_bob, owner=self.alice)["diary"] is None
