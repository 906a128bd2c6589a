"""User.lock()"""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.pipeline import flush
from core.problems import Problem
from tests.base import RaceTest


class LockPersonTest(RaceTest):
    def locks(self, user: User) -> int:
        """Return how often the profile is locked by locking twice with a statement in between."""
        with CaptureQueriesContext(connection) as queries:
            user.lock()
            flush()
            user.lock()
            flush()
        return sum("accounts_profile" in str(query["sql"]) for query in queries)

    def test_a_person_is_locked_once_in_each_transaction(self) -> None:
        for _ in range(2):
            with transaction.atomic():
                assert self.locks(self.alice) == 1

    def test_a_function_in_a_transaction_locks_each_time_that_it_is_called(self) -> None:
        @transaction.atomic
        def locks() -> int:
            return self.locks(self.alice)

        assert locks() == 1
        assert locks() == 1

    def test_a_lock_that_was_rolled_back_is_taken_again(self) -> None:
        with transaction.atomic():
            with pytest.raises(ZeroDivisionError):
                self.lock_in_vain()
            assert self.locks(self.alice) == 1

    def test_after_a_rollback_a_person_is_locked_again(self) -> None:
        with pytest.raises(ZeroDivisionError):
            self.lock_in_vain()
        with transaction.atomic():
            assert self.locks(self.alice) == 1

    def test_outside_a_transaction_nobody_can_be_locked(self) -> None:
        with pytest.raises(TransactionManagementError):
            self.alice.lock()

    def test_somebody_who_is_gone_is_signed_out(self) -> None:
        gone = User.objects.get(pk=self.charlie.pk)
        self.charlie.delete()
        with pytest.raises(Problem, match="token_not_valid"):
            self.lock_now(gone)

    def lock_in_vain(self) -> None:
        with transaction.atomic():
            self.alice.lock()
            raise ZeroDivisionError

    def lock_now(self, user: User) -> None:
        with transaction.atomic():
            user.lock()
            flush()
