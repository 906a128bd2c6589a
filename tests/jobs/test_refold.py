"""manage.py refold: stored texts are folded again, and found meanwhile where that is possible."""

from datetime import timedelta
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Profile
from core import clock
from core.model_fields import casefold, fold
from operations.jobs import refolding
from operations.jobs.models import Refolding
from tests.accounts.clock import later
from tests.base import ApiTest, person, todos_of
from todos.models import Todo

DAY = timedelta(days=1)


class RefoldTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        todos_of(self.alice, 30)
        titles = ("망함ㅋㅋㅠㅠ", "추가ㄳ", "İstanbul")
        for todo, title in zip(Todo.objects.all(), titles, strict=False):
            todo.change(title=title)
        self.dora = person("@Dora", handle="dora")
        self.forget()

    def forget(self) -> None:
        """Store all texts as the release before did."""
        for todo in Todo.objects.all():
            Todo.objects.filter(pk=todo.pk).update(title_folded=casefold(todo.title)[:600])
        for profile in Profile.objects.all():
            Profile.objects.filter(pk=profile.pk).update(
                nickname_folded=casefold(profile.nickname)[:90]
            )

    def refold(self, **options: Any) -> int:
        out = StringIO()
        call_command("refold", stdout=out, **options)
        return int(out.getvalue().split()[0])

    def stale(self) -> int:
        return sum(todo.title_folded != fold(todo.title) for todo in Todo.objects.all())

    def found(self, text: str) -> list[str]:
        rows = self.ok(self.as_alice.get("todos/", {"q": text}))["results"]
        return [row["title"] for row in rows]

    def test_all_texts_are_folded_again(self) -> None:
        assert self.stale() == 3
        stamps = list(Todo.objects.order_by("pk").values_list("updated_at", flat=True))
        assert self.refold() == 4
        assert self.stale() == 0
        assert Profile.objects.get(pk=self.dora.pk).nickname_folded == "dora"
        assert list(Todo.objects.order_by("pk").values_list("updated_at", flat=True)) == stamps
        assert self.found("추가") == ["추가ㄳ"]
        assert self.found("망함ㅋㅋ") == ["망함ㅋㅋㅠㅠ"]

    def test_until_then_old_rows_are_found_as_they_were(self) -> None:
        Todo.objects.order_by("pk").last().change(title="ㅋㅋ new")
        old = Todo.objects.exclude(title="ㅋㅋ new").order_by("pk").last()
        Todo.objects.filter(pk=old.pk).update(title="ㅋㅋ old", title_folded=casefold("ㅋㅋ old"))
        assert set(self.found("ㅋㅋ")) >= {"ㅋㅋ new", "ㅋㅋ old"}
        people = self.as_alice.get("users/", {"q": "@dora"})
        assert [card["handle"] for card in self.ok(people)["results"]] == ["dora"]

    def test_an_interrupted_pass_goes_on_where_it_was(self) -> None:
        places: list[str] = []

        def interrupt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            if sql.startswith("UPDATE") and "position" in sql:
                places.append(params[0])
                raise KeyboardInterrupt
            return result

        with patch.object(refolding, "BATCH", 7):
            for _ in range(3):
                with connection.execute_wrapper(interrupt), pytest.raises(KeyboardInterrupt):
                    self.refold()
                assert refolding.is_due(clock.now())
            assert len(set(places)) == 3, "a batch was read twice"
            self.refold()
        assert self.stale() == 0
        assert not refolding.is_due(clock.now())

    def test_there_is_a_second_pass_for_what_the_release_before_wrote_meanwhile(self) -> None:
        self.refold()
        self.forget()
        assert not refolding.is_due(clock.now())
        assert self.refold() == 0
        with later(DAY):
            assert refolding.is_due(clock.now())
            assert self.refold() == 4
        with later(9 * DAY):
            assert not refolding.is_due(clock.now())
            self.forget()
            assert self.refold() == 0
            assert self.refold(again=True) == 4

    def test_another_way_of_folding_begins_anew(self) -> None:
        self.refold()
        Refolding.objects.update(folding=1, passes=2)
        self.forget()
        assert refolding.is_due(clock.now())
        assert self.refold() == 4

    def test_purge_folds_again_too(self) -> None:
        out = StringIO()
        call_command("purge", stdout=out)
        assert "4 texts folded again" in out.getvalue()
        assert self.stale() == 0
