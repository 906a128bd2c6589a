"""manage.py purge"""

from datetime import timedelta
from io import StringIO
from unittest.mock import patch

from django.core.management import call_command
from django.test import override_settings

from accounts.models import Attempt, KnownNetwork, Session
from resources.models import Tombstone
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client, new_id


class PurgeTest(ApiTest):
    def purge(self) -> str:
        out = StringIO()
        call_command("purge", stdout=out)
        return out.getvalue()

    def test_old_tombstones_are_deleted(self) -> None:
        self.goal().remove()
        for days, left in ((89, 1), (91, 0)):
            with later(timedelta(days=days)):
                self.purge()
            assert Tombstone.objects.count() == left

    @override_settings(TOMBSTONE_DAYS=1)
    def test_tombstone_days_is_a_setting(self) -> None:
        self.goal().remove()
        with later(timedelta(days=2)):
            assert "1 tombstones" in self.purge()

    def test_ended_sessions_are_deleted(self) -> None:
        Session.objects.all().delete()
        with later(-timedelta(days=91)):
            Client(self.alice)
        alive = Client(self.alice)
        self.purge()
        assert list(Session.objects.values_list("pk", flat=True)) == [alive.session_row.pk]

    def test_attempts_are_deleted_after_their_window(self) -> None:
        self.anonymous.post("auth/token/", {"email": self.alice.email, "password": PASSWORD})
        with later(timedelta(minutes=11)):
            self.purge()
        assert [key.split(":")[1] for key in Attempt.objects.values_list("key", flat=True)] == [
            "email"
        ]

    def test_networks_are_forgotten_ninety_days_after_the_last_sign_in(self) -> None:
        for days, left in ((0, 1), (89, 1), (91, 0)):
            with later(timedelta(days=days)):
                if not days:
                    self.anonymous.post(
                        "auth/token/", {"email": self.alice.email, "password": PASSWORD}
                    )
                self.purge()
            assert KnownNetwork.objects.count() == left

    def test_more_rows_than_one_batch_are_deleted(self) -> None:
        Tombstone.objects.record(self.alice, "goal", [new_id() for _ in range(25)])
        with (
            later(timedelta(days=91)),
            patch("operations.jobs.management.commands.purge.BATCH", 10),
        ):
            assert self.purge().splitlines()[0] == "25 tombstones deleted"

    def test_a_purge_with_nothing_to_delete_reports_zeros(self) -> None:
        for _ in range(2):
            assert [line.split()[0] for line in self.purge().splitlines()] == ["0"] * 6
        self.ok(self.as_alice.get("me/"))
