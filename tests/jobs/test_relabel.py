"""manage.py relabel: diaries of before there were posts become posts, in interruptible batches."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection

from core import clock
from core.problems import Problem
from core.transactions import run_write
from diaries.models import Diary, Label, Labelled
from diaries.models.diaries import RANDOM_BITS, post_number
from operations.jobs import relabelling
from tests.accounts.clock import later
from tests.base import ApiTest

DAY = timedelta(days=1)
LONG_AGO = clock.now() - timedelta(days=400)
OLD = {"public": 4, "followers": 3, "selected": 3, "private": 5}


class RelabelTest(ApiTest):
    """Diaries as the release before wrote them: without publication and labels."""

    def setUp(self) -> None:
        super().setUp()
        values = [each for each, number in OLD.items() for _ in range(number)]
        Diary.objects.bulk_create(
            Diary(owner=self.alice, date=self.day(-n), visibility=each, body=f"#run #day{n}")
            for n, each in enumerate(values)
        )
        Diary.objects.create(
            owner=self.alice, date=self.day(1), visibility="public", is_draft=True, body="#draft"
        )
        Diary.objects.update(created_at=LONG_AGO, updated_at=LONG_AGO)

    def relabel(self, **options: Any) -> int:
        out = StringIO()
        call_command("relabel", stdout=out, **options)
        return int(out.getvalue().split()[0])

    def assert_up_to_date(self) -> None:
        shown = Diary.objects.filter(is_draft=False).exclude(visibility="private")
        assert shown.exclude(post=None).count() == 10
        assert Diary.objects.exclude(post=None).count() == 10
        assert Labelled.objects.count() == 20
        assert Label.objects.count() == 11
        assert not Label.objects.filter(folded="draft").exists()

    def test_what_others_may_see_is_published_as_of_its_creation(self) -> None:
        assert self.relabel() == 10
        self.assert_up_to_date()
        for diary in Diary.objects.exclude(post=None):
            assert diary.published_at == diary.created_at == diary.updated_at
            assert diary.post is not None
            assert diary.post >> RANDOM_BITS == post_number(LONG_AGO) >> RANDOM_BITS
        assert Diary.objects.filter(post=None).exclude(published_at=None).count() == 0
        with later(DAY):
            assert self.relabel() == 0

    def test_what_has_a_place_in_time_keeps_it(self) -> None:
        new = Diary.add(self.alice, date=self.day(2), visibility="public", body="#run")
        assert self.relabel() == 10
        again = Diary.objects.get(pk=new.pk)
        assert (again.post, again.published_at) == (new.post, new.published_at)

    def test_a_batch_that_loses_its_races_is_written_one_row_at_a_time(self) -> None:
        sizes: list[int] = []

        def lose(write: Any) -> Any:
            sizes.append(len(write.args[0]))
            if sizes[-1] > 1:
                raise Problem("duplicate")
            return run_write(write)

        with patch.object(relabelling, "run_write", lose):
            assert self.relabel() == 10
        assert sizes == [10] + [1] * 10
        self.assert_up_to_date()

    def test_an_interrupted_pass_goes_on_where_it_was(self) -> None:
        places: list[str] = []

        def interrupt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            if sql.startswith("UPDATE") and "position" in sql:
                places.append(params[0])
                raise KeyboardInterrupt
            return result

        with patch.object(relabelling, "BATCH", 4):
            for _ in range(3):
                with connection.execute_wrapper(interrupt), pytest.raises(KeyboardInterrupt):
                    self.relabel()
                assert relabelling.is_due(clock.now())
            assert len(set(places)) == 3, "a batch was read twice"
            self.relabel()
        self.assert_up_to_date()
        assert not relabelling.is_due(clock.now())

    def test_the_second_pass_mends_what_the_release_before_wrote_meanwhile(self) -> None:
        self.relabel()
        hidden, changed, deleted, shown = Diary.objects.filter(visibility="public", is_draft=False)
        Diary.objects.filter(pk=hidden.pk).update(visibility="private")
        Diary.objects.filter(pk=changed.pk).update(body="#swim", place="한강")
        Diary.objects.filter(pk=deleted.pk)._raw_delete("default")
        Diary.objects.filter(pk=shown.pk).update(post=None, published_at=None)
        Labelled.objects.of_posts([shown.post]).delete()
        assert not relabelling.is_due(clock.now())
        with later(DAY):
            assert relabelling.is_due(clock.now())
            assert self.relabel() == 3
        assert Diary.objects.get(pk=hidden.pk).post is None
        names = Labelled.objects.of_posts([changed.post]).values_list("label__name", flat=True)
        assert set(names) == {"swim", "한강"}
        for post in (hidden.post, deleted.post):
            assert not Labelled.objects.of_posts([post]).exists()
        assert Diary.objects.get(pk=shown.pk).post is not None
        with later(9 * DAY):
            assert not relabelling.is_due(clock.now())
            assert self.relabel(again=True) == 0

    def test_until_then_such_diaries_are_only_not_among_posts(self) -> None:
        self.relabel()
        row = Diary.objects.filter(visibility="public", is_draft=False).latest("pk")
        Diary.objects.filter(pk=row.pk).update(visibility="private")
        path = f"posts/?owner={self.alice.uuid}&page_size=200"
        for phone, number in ((self.as_alice, 9), (self.as_charlie, 3)):
            rows = self.ok(phone.get(path))["results"]
            assert len(rows) == number
            assert str(row.pk) not in {each["id"] for each in rows}

    def test_purge_does_it_too_and_labels_of_no_post_go(self) -> None:
        out = StringIO()
        call_command("purge", stdout=out)
        assert "10 diaries published, hidden or labelled" in out.getvalue()
        self.assert_up_to_date()
        Diary.objects.filter(visibility="public").delete()
        for _ in range(2):
            call_command("purge", stdout=StringIO())
            assert Label.objects.count() == 7
