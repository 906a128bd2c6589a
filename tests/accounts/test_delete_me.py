"""POST me/delete/"""

from datetime import date, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from accounts.models import FormerAccount, User
from alarms.models import Alarm
from cheers.models import Cheer
from diaries.models import Diary
from resources.models import Owned, Tombstone
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks, person
from tests.photos.base import photo
from todos.models import Dismissal, QuickInput, Todo

DAY = date(2026, 5, 1)


class DeleteMeTest(ApiTest):
    def delete(self, phone: Client | None = None, password: Any = PASSWORD) -> Any:
        return (phone or self.as_alice).post("me/delete/", {"password": password})

    def test_deleting_an_account_deletes_every_row_of_that_person_and_no_other(self) -> None:
        self.fill(self.alice, self.bob)
        self.fill(self.bob, self.alice)
        resources = {f"{m.__name__}.owner" for m in apps.get_models() if issubclass(m, Owned)}
        assert resources <= set(self.rows_of(self.alice.pk)), (
            "fill() must create a row of every resource, so that its deletion is tested."
        )
        self.ok(self.delete(), 204)
        assert self.rows_of(self.alice.pk) == {}
        left = self.rows_of(self.bob.pk)
        assert (
            left["Goal.owner"]
            == left["Todo.owner"]
            == left["Diary.owner"]
            == left["QuickInput.owner"]
            == 1
        )
        assert "Cheer.target_owner" not in left  # Alice had cheered it

    def fill(self, owner: User, friend: User) -> None:
        """Create a row of every resource."""
        friend.follow(owner)
        goal = self.goal(owner, visibility="selected")
        goal.viewers.set(owner.followed_by.accepted())
        quick = QuickInput.objects.create(
            owner=owner, goal=goal, title="x", weekdays=["mon"], starts_on=DAY
        )
        todo = Todo.objects.create(
            owner=owner, goal=goal, title="x", date=DAY, quick_input=quick, offered_on=DAY
        )
        Dismissal.objects.create(quick_input=quick, date=DAY)
        diary = Diary.objects.create(owner=owner, date=DAY, body="x", visibility="selected")
        diary.viewers.set(owner.followed_by.accepted())
        Cheer.objects.create(owner=friend, todo=todo, target_owner=owner, emoji="🍣")
        Cheer.objects.create(owner=friend, diary=diary, target_owner=owner, emoji="🍣")
        Alarm.add(owner, time=time(7))
        photo(owner)
        gone = self.goal(owner)
        gone.remove()
        assert Tombstone.objects.filter(owner=owner).exists()

    def rows_of(self, pk: int) -> dict[str, int]:
        """Count the rows that refer to this person, by model and field."""
        counts = {}
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.ForeignKey) and field.related_model is User:
                    counts[f"{model.__name__}.{field.name}"] = model._default_manager.filter(
                        **{field.attname: pk}
                    ).count()
        return {name: count for name, count in counts.items() if count}

    def test_the_email_and_the_handle_are_free_again(self) -> None:
        self.ok(self.delete(), 204)
        body = {"email": self.alice.email, "password": PASSWORD, "nickname": "Alice"}
        self.ok(
            self.anonymous.post("auth/signup/", body | {"handle": self.alice.profile.handle}), 201
        )

    def test_the_id_can_never_be_used_again(self) -> None:
        self.ok(self.delete(), 204)
        User.objects.get(pk=self.bob.pk).remove()
        with later(timedelta(days=3650)):
            call_command("purge", stdout=StringIO())  # all sessions, too
        self.as_charlie = Client(self.charlie)
        for gone in (self.alice, self.bob):
            pk = str(gone.uuid)
            body = {"id": pk, "email": gone.email, "password": PASSWORD, "nickname": "Eve"}
            self.assert_problem(self.anonymous.post("auth/signup/", body), 409, "id_taken")
            body = {"id": pk, "title": "Health"}
            self.assert_problem(self.as_charlie.post("goals/", body), 409, "id_taken")
            self.assert_problem(self.as_charlie.get(f"users/{pk}/"), 404, "not_found")

    def test_each_way_to_delete_an_account_keeps_its_id(self) -> None:
        for remove in (
            User.remove,
            User.delete,
            lambda user: User.objects.filter(pk=user.pk).delete(),
        ):
            user = person("Dora")
            uuid = user.uuid
            remove(user)
            assert FormerAccount.objects.filter(pk=uuid).exists()

    def test_a_repeated_deletion_with_the_old_token_succeeds_again(self) -> None:
        for password in (PASSWORD, PASSWORD, "whatever"):
            self.ok(self.delete(password=password), 204)
        self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")

    def test_a_wrong_password_deletes_nothing(self) -> None:
        self.assert_field_error(
            self.delete(password="wrong horse battery"), "password", "wrong_password"
        )
        for password, code in (("", "blank"), (None, "null")):
            self.assert_field_error(self.delete(password=password), "password", code)
        self.ok(self.as_alice.get("me/"))

    def test_an_ended_session_cannot_delete_the_account(self) -> None:
        self.ok(self.as_alice.post("auth/logout/"), 204)
        self.assert_problem(self.delete(), 401, "token_not_valid")
        self.bob.change(is_active=False)
        self.assert_problem(self.delete(self.as_bob), 401, "token_not_valid")
        self.assert_problem(self.delete(self.anonymous), 401, "not_authenticated")
        assert User.objects.count() == 3


@needs_row_locks
@pytest.mark.races
class DeleteMeRaceTest(RaceTest):
    def test_concurrent_writes_do_not_survive_and_cause_no_server_error(self) -> None:
        phone, friend = Client(self.alice), Client(self.bob)

        def write(number: int) -> int:
            if number == 0:
                return int(phone.post("me/delete/", {"password": PASSWORD}).status_code)
            if number % 3 == 0:
                return int(friend.put(f"users/{self.alice.uuid}/follow/").status_code)
            path, body = (
                ("goals/", {"title": "x"})
                if number % 3 == 1
                else ("alarms/", {"time": f"07:{number:02}"})
            )
            return int(phone.post(path, body).status_code)

        statuses = self.at_once(write)
        assert set(statuses) <= {200, 201, 204, 401, 404}, statuses
        assert not User.objects.filter(pk=self.alice.pk).exists()
