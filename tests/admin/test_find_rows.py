"""The search and the filters of the admin's lists, and the number of queries of its pages."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.models import Block, Follow, Session, User
from alarms.models import Alarm
from tests.admin.base import CONTENT_MODELS, OTHER_MODELS, OperatorTest, path
from todos.models import Todo

MODELS: list[type[models.Model]] = [
    *CONTENT_MODELS,
    *OTHER_MODELS,
    User,
    Session,
    Follow,
    Block,
    Alarm,
]
BUDGET = 12


class TestFindRows(OperatorTest):
    def found(self, model: type[models.Model], **parameters: str) -> set[Any]:
        page = self.site(self.root).get(path(model), parameters)
        assert page.status_code == 200, page.content
        return {row.pk for row in page.context["cl"].result_list}

    def test_rows_are_found_by_the_start_of_an_email_or_handle_or_by_an_id(self) -> None:
        type(self).make_rows(self.bob)
        handle, uuid = self.alice.profile.handle, str(self.alice.uuid)
        for term in (
            self.alice.email,
            self.alice.email.upper(),
            self.alice.email[:9],
            handle,
            f"@{handle}",
            uuid,
        ):
            for model in CONTENT_MODELS:
                assert self.found(model, q=term) == {self.rows[model].pk}, (model, term)
            assert self.found(User, q=term) == {self.alice.pk}, term
        for model in CONTENT_MODELS:
            assert self.found(model, q=str(self.rows[model].pk)) == {self.rows[model].pk}

    def test_a_search_without_a_matching_person_finds_no_row(self) -> None:
        for model in MODELS:
            assert self.found(model, q="nobody.like.this") == set()

    def test_follows_and_cheers_are_found_by_either_person(self) -> None:
        for person in (self.alice, self.bob):
            assert len(self.found(Follow, q=person.email)) == 1
            assert len(self.found(OTHER_MODELS[0], q=person.email)) == 1
        assert self.found(Follow, q=self.charlie.email) == set()

    def test_rows_are_filtered(self) -> None:
        done = self.rows[Todo]
        done.change(is_done=True, done_at=done.created_at)
        assert self.found(Todo, is_done__exact="1") == {done.pk}
        assert self.found(Todo, is_done__exact="0") == set()
        assert self.found(Todo, date__isempty="1") == set()
        assert self.found(User, is_staff__exact="1") == {self.olga.pk, self.rita.pk, self.root.pk}

    def test_every_list_names_its_people_by_handle(self) -> None:
        for model in (*CONTENT_MODELS, *OTHER_MODELS):
            page = self.site(self.root).get(path(model))
            self.assertContains(page, f"@{self.alice.profile.handle}")


class TestBudget(OperatorTest):
    def urls(self) -> Iterator[str]:
        for model in MODELS:
            row = self.rows.get(model) or model._default_manager.first()
            yield path(model)
            yield path(model) + f"?q={self.alice.email[:5]}"
            yield from (path(model, row, page) for page in ("change", "delete", "history"))
        yield "/admin/"
        yield "/admin/admin/logentry/"
        yield path(User, self.alice, "password")
        yield "/admin/accounts/user/add/"
        for app, model, field in (
            ("todos", "todo", "goal"),
            ("cheers", "cheer", "todo"),
            ("accounts", "user", "groups"),
        ):
            source = f"app_label={app}&model_name={model}&field_name={field}"
            yield f"/admin/autocomplete/?{source}&term=a"

    def counts(self, user: User) -> dict[str, int]:
        site, counts = self.site(user), {}
        for url in self.urls():
            with CaptureQueriesContext(connection) as queries:
                answer = site.get(url)
            assert answer.status_code == 200, (url, answer.content[:300])
            counts[url] = len(queries)
        return counts

    def test_a_page_takes_at_most_twelve_queries_whatever_the_number_of_rows(self) -> None:
        Session.start(self.alice, None)
        Block.objects.create(blocker=self.alice, blocked=self.charlie)
        LogEntry.objects.create(user=self.root, action_flag=2, object_repr="x")
        self.counts(self.root)  # Django caches the content types
        few = self.counts(self.root)
        self.make_many(10)
        LogEntry.objects.bulk_create(
            LogEntry(user=self.root, action_flag=2, object_repr="x") for _ in range(10)
        )
        many = self.counts(self.root)
        assert many == few
        assert {url: count for url, count in many.items() if count > BUDGET} == {}

    def test_pages_of_an_operator_with_single_permissions_take_at_most_twelve_queries(self) -> None:
        self.make_many(5)
        site = self.site(self.olga)
        for model in CONTENT_MODELS:
            for url in (
                path(model),
                path(model, self.rows[model]),
                path(model, self.rows[model], "delete"),
            ):
                with CaptureQueriesContext(connection) as queries:
                    assert site.get(url).status_code == 200
                assert len(queries) <= BUDGET, (url, len(queries))

    def test_confirming_the_deletion_of_selected_rows_takes_at_most_twelve_queries(self) -> None:
        self.make_many(20)
        site = self.site(self.root)
        for model in CONTENT_MODELS:
            keys = [str(pk) for pk in model._default_manager.values_list("pk", flat=True)[:15]]
            with CaptureQueriesContext(connection) as queries:
                site.post(path(model), {"action": "delete_selected", "_selected_action": keys})
            assert len(queries) <= BUDGET, (model, len(queries))

    def test_only_the_list_itself_is_counted(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            self.site(self.root).get(path(Todo))
        assert sum("COUNT(" in query["sql"] for query in queries) == 1
