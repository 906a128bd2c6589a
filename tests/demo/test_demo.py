"""manage.py demo"""

import datetime as dt
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from accounts.models import Profile, User
from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from tests.base import FAST_HASH, Client, person
from todomate.demo.people import ADMIN, JUNE, MINA, NOAH, PASSWORD, PEOPLE
from todos.models import Dismissal, QuickInput, Todo

EVERYTHING = (User, Profile, Goal, Todo, QuickInput, Dismissal, Diary, Cheer)


def counts() -> list[int]:
    return [model.objects.count() for model in EVERYTHING]


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class FilledTest(TestCase):
    """The rows that the demo creates in an empty database."""

    @classmethod
    def setUpTestData(cls) -> None:
        call_command("demo", "--if-empty", stdout=StringIO())

    def people(self) -> Iterator[User]:
        for sign_in in PEOPLE:
            yield User.objects.get(email=sign_in.email)

    def read(self, user: User, path: str) -> Any:
        response = Client(user).get(path)
        assert response.status_code == 200, (path, response.content)
        return response.json()

    def test_a_second_run_with_if_empty_changes_nothing(self) -> None:
        before = counts()
        call_command("demo", "--if-empty")
        assert counts() == before

    def test_a_second_run_without_if_empty_is_refused(self) -> None:
        with self.assertRaisesMessage(CommandError, "already"):
            call_command("demo")

    def test_three_people_and_one_superuser_can_sign_in(self) -> None:
        for sign_in in (*PEOPLE, ADMIN):
            assert User.objects.get(email=sign_in.email).check_password(PASSWORD)
        assert [user.email for user in User.objects.filter(is_superuser=True)] == [ADMIN.email]

    def test_the_people_follow_each_other_and_one_is_private_and_one_english(self) -> None:
        for user in self.people():
            assert user.follows.accepted().count() == 2
        profiles = Profile.objects.filter(user__in=list(self.people()))
        assert profiles.filter(is_private=True).count() == 1
        assert profiles.filter(locale="en").count() == 1

    def test_one_person_is_read_without_an_account(self) -> None:
        shown = {}
        for user in self.people():
            answer = Client().get(f"diaries/?owner={user.uuid}&page_size=200").json()["results"]
            shown[user.email] = {diary["visibility"] for diary in answer}
        assert shown == {MINA.email: set(), JUNE.email: set(), NOAH.email: {"public"}}

    def test_each_person_has_rows_of_every_kind(self) -> None:
        for user in self.people():
            goals, todos = Goal.objects.of(user), Todo.objects.of(user)
            assert len(set(goals.values_list("visibility", flat=True))) >= 4
            assert goals.filter(visibility="selected", viewers__isnull=False).exists()
            assert todos.archived().exists()
            assert todos.filter(is_done=False, date__lt=user.today).exists()
            assert todos.filter(quick_input__isnull=False).exists()
            assert Dismissal.objects.filter(quick_input__owner=user).exists()
            assert Diary.objects.of(user).values("emoji").distinct().count() >= 8

    def test_every_date_of_the_last_four_weeks_has_todos(self) -> None:
        for user in self.people():
            dates = set(Todo.objects.of(user).dated().values_list("date", flat=True))
            past = {user.today - dt.timedelta(days=n) for n in range(29)}
            assert past - dates == set()
            assert len([day for day in dates if day > user.today]) >= 4

    def test_no_todo_is_done_and_no_cheer_given_in_the_future(self) -> None:
        now = dt.datetime.now(dt.UTC)
        assert not Todo.objects.filter(done_at__gt=now).exists()
        assert not Cheer.objects.filter(created_at__gt=now).exists()

    def test_people_have_cheered_only_rows_visible_to_them(self) -> None:
        for user in self.people():
            seen = {*Todo.objects.visible_to(user).values_list("pk", flat=True)}
            seen |= {*Diary.objects.visible_to(user).values_list("pk", flat=True)}
            for cheer in Cheer.objects.of(user):
                assert (cheer.todo_id or cheer.diary_id) in seen

    def test_activated_todos_match_their_quick_inputs(self) -> None:
        for todo in Todo.objects.filter(quick_input__isnull=False).select_related("quick_input"):
            assert todo.quick_input is not None
            assert todo.pk == todo.quick_input.todo_id(todo.offered_on)
            assert todo.quick_input.falls_on(todo.offered_on)
            assert not todo.quick_input.dismissals.filter(date=todo.offered_on).exists()

    def test_day_and_calendar_of_each_person_have_content(self) -> None:
        for user in self.people():
            today = self.read(user, "days/today/")
            assert len(today["goals"]) >= 4
            assert sum(len(goal["todos"]) for goal in today["goals"]) >= 3
            assert today["offers"]
            assert today["alarms"]
            assert today["diary"]
            yesterday = self.read(user, f"days/{user.today - dt.timedelta(days=1)}/")
            assert any(todo["is_done"] for goal in yesterday["goals"] for todo in goal["todos"])
            first = user.today - dt.timedelta(days=28)
            calendar = self.read(user, f"calendar/?date_from={first}&date_to={user.today}")
            assert len(calendar["days"]) == 29
            assert sum(day["cheers"] for day in calendar["days"]) >= 10

    def test_people_see_each_others_rows_but_no_private_ones(self) -> None:
        for user in self.people():
            for friend in user.follows.all():
                day = self.read(user, f"days/today/?owner={friend.followee.uuid}")
                assert day["goals"]
                assert not any(goal["visibility"] == "private" for goal in day["goals"])
                calendar = self.read(
                    user, f"calendar/?month={user.today:%Y-%m}&owner={friend.followee.uuid}"
                )
                assert calendar["days"]


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class GuardedTest(TestCase):
    def test_if_empty_does_nothing_in_a_database_with_a_person(self) -> None:
        person("Alice")
        call_command("demo", "--if-empty")
        assert not User.objects.filter(email=MINA.email).exists()
        assert User.objects.count() == 1

    def test_the_demo_refuses_to_run_on_a_production_server(self) -> None:
        for arguments in ((), ("--if-empty",)):
            with (
                override_settings(LOCAL=False),
                self.assertRaisesMessage(CommandError, "TODOMATE_ENV=local only"),
            ):
                call_command("demo", *arguments)
        assert User.objects.count() == 0
