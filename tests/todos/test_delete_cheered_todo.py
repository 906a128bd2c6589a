"""DELETE todos/{id}/ of a todo with more cheers than a request deletes: hidden, then erased."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command

from accounts.models import Profile, User
from cheers.models import Cheer
from core.erasing import AT_ONCE
from goals.models import Goal
from tests.base import MONDAY, ApiTest
from todos.models import QuickInput, Todo


class DeleteCheeredTodoTest(ApiTest):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.shown = Goal.add(cls.alice, title="Health", visibility="public")
        cls.quick_input = QuickInput.add(
            cls.alice, goal=cls.shown, title="x", weekdays=["mon"], starts_on=MONDAY
        )
        cls.todo = Todo.add(
            cls.alice,
            id=cls.quick_input.todo_id(MONDAY),
            goal=cls.shown,
            date=MONDAY,
            title="x",
            quick_input=cls.quick_input,
            offered_on=MONDAY,
        )
        User.objects.bulk_create(
            User(email=f"fan{n}@example.com", password="!") for n in range(AT_ONCE + 1)
        )
        fans = User.objects.filter(email__startswith="fan")
        Profile.objects.bulk_create(
            Profile(user=fan, handle=f"fan{fan.pk}", nickname="Fan", nickname_folded="fan")
            for fan in fans
        )
        Cheer.objects.bulk_create(
            Cheer(owner=fan, todo=cls.todo, target_owner=cls.alice, emoji="👍") for fan in fans
        )

    def test_it_is_gone_at_once_and_erased_later(self) -> None:
        url = f"todos/{self.todo.pk}/"
        body = {"id": f"{self.todo.pk}", "goal": f"{self.shown.pk}", "date": f"{MONDAY}"}
        self.ok(self.as_alice.delete(url), 204)
        assert Cheer.objects.count() == AT_ONCE + 1
        for _ in range(2):
            self.ok(self.as_alice.delete(url), 204)
            for phone in (self.as_alice, self.as_bob):
                self.assert_problem(phone.get(url), 404, "not_found")
                day = self.ok(phone.get(f"days/{MONDAY}/?owner={self.alice.uuid}"))
                assert [goal["todos"] for goal in day["goals"]] == [[]]
                assert day["cheers"] == []
            goals = self.ok(self.as_alice.get("goals/"))["results"]
            assert [goal["title"] for goal in goals] == ["Health"]
            assert self.ok(self.as_alice.get("cheers/?received=true"))["results"] == []
            gone = self.ok(self.as_alice.post("todos/delete/", {"ids": [f"{self.todo.pk}"]}))
            assert gone["deleted"] == [f"{self.todo.pk}"]
            assert self.as_alice.post("todos/", body | {"title": "x"}).status_code in (400, 410)
            call_command("erase", stdout=StringIO())
        assert not Cheer.objects.exists()
        assert list(Goal.objects.all()) == [self.shown]
        assert not User.objects.filter(has_deleted_goals=True).exists()

    def test_its_offer_stays_dismissed_until_that_is_undone(self) -> None:
        offer = f"quick-inputs/{self.quick_input.pk}/offers/{MONDAY}"
        self.ok(self.as_alice.delete(f"todos/{self.todo.pk}/"), 204)
        self.assert_problem(self.as_alice.put(f"{offer}/todo/"), 409, "dismissed")
        self.ok(self.as_alice.delete(f"{offer}/dismissal/"), 204)
        again = self.ok(self.as_alice.put(f"{offer}/todo/"), 201)
        assert again["id"] == f"{self.todo.pk}"
        call_command("erase", stdout=StringIO())
        self.ok(self.as_alice.get(f"todos/{self.todo.pk}/"))
