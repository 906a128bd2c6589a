"""The admin shows no content of people: on no page, by no parameter, in no message."""

from typing import Any

from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from resources.models import Owned
from tests.admin.base import (
    CONTENT_FIELDS,
    CONTENT_MODELS,
    OTHER_MODELS,
    SECRET,
    OperatorTest,
    path,
)


class TestHideContent(OperatorTest):
    def assert_hidden(self, response: Any) -> None:
        page = response.content.decode()
        assert SECRET not in page
        assert SECRET.lower() not in page.lower()

    def pages(self, user: User) -> list[Any]:
        site = self.site(user)
        pages = [site.get("/admin/")]
        for model in CONTENT_MODELS:
            row = self.rows[model]
            pages += [
                site.get(path(model)),
                site.get(path(model, row)),
                site.get(path(model, row, "history")),
            ]
        return pages

    def test_every_resource_of_the_admin_is_tested_here(self) -> None:
        tested = {*CONTENT_MODELS, *OTHER_MODELS}
        for model, model_admin in admin.site._registry.items():
            if not issubclass(model, Owned):
                continue
            assert model in tested, (
                f"tests/admin/base.py does not test {model.__name__}: add it to CONTENT_FIELDS with"
                " its content, or to OTHER_MODELS, and create a row in make_rows()."
            )
            content = getattr(model_admin, "content", ())
            assert set(content) == set(CONTENT_FIELDS.get(model, ())), (
                f"CONTENT_FIELDS of tests/admin/base.py must have the content of {model.__name__}:"
                f" {content}"
            )

    def test_lists_rows_and_histories_show_no_content(self) -> None:
        for user in (self.olga, self.rita, self.root):
            for page in self.pages(user):
                assert page.status_code == 200, page.request
                self.assert_hidden(page)

    def test_content_is_not_selected_from_the_database(self) -> None:
        site = self.site(self.olga)
        for model in CONTENT_MODELS:
            for url in (path(model), path(model, self.rows[model])):
                with self.subTest(url=url):
                    sql = self.queries(site, url)
                    assert f"FROM `{model._meta.db_table}`" in sql
                    assert [
                        f for f in CONTENT_FIELDS[model] if f"`{model._meta.db_table}`.`{f}`" in sql
                    ] == []

    def queries(self, site: Any, url: str) -> str:
        """Return the SQL of all queries of a page, with the quotes of MySQL."""
        with CaptureQueriesContext(connection) as queries:
            assert site.get(url).status_code == 200
        return "\n".join(query["sql"] for query in queries).replace('"', "`")

    def test_the_confirmation_of_a_deletion_shows_no_content(self) -> None:
        site = self.site(self.olga)
        for model in CONTENT_MODELS:
            row = self.rows[model]
            self.assert_hidden(site.get(path(model, row, "delete")))
            action = {"action": "delete_selected", "_selected_action": [str(row.pk)]}
            self.assert_hidden(site.post(path(model), action))

    def test_a_search_does_not_match_content(self) -> None:
        site = self.site(self.root)
        for model in CONTENT_MODELS:
            for term in (SECRET, SECRET[:3].lower(), "diary", "todo"):
                page = site.get(path(model), {"q": term})
                assert str(self.rows[model].pk) not in page.content.decode()

    def test_autocomplete_neither_matches_nor_shows_content(self) -> None:
        site = self.site(self.root)
        fields = [
            ("todos", "todo", "goal"),
            ("todos", "todo", "quick_input"),
            ("cheers", "cheer", "todo"),
        ]
        for app, model, field in [*fields, ("cheers", "cheer", "diary")]:
            source = {"app_label": app, "model_name": model, "field_name": field}
            assert (
                site.get("/admin/autocomplete/", source | {"term": SECRET}).json()["results"] == []
            )
            everything = site.get("/admin/autocomplete/", source | {"term": ""})
            assert len(everything.json()["results"]) == 1
            self.assert_hidden(everything)

    def test_content_cannot_be_filtered_by_a_parameter(self) -> None:
        """Otherwise ?title__startswith=Z would reveal a title letter by letter."""
        site = self.site(self.root)
        for model in CONTENT_MODELS:
            for field in CONTENT_FIELDS[model]:
                for lookup in ("", "__startswith", "__contains", "__regex", "__gt", "__isempty"):
                    answer = site.get(path(model), {f"{field}{lookup}": SECRET})
                    assert answer.status_code == 400, (model, field, lookup)
        for lookup in (
            "goal__title__startswith",
            "quick_input__title__startswith",
            "title_folded__startswith",
        ):
            assert site.get("/admin/todos/todo/", {lookup: "z"}).status_code == 400

    def test_rows_cannot_be_sorted_by_content(self) -> None:
        site = self.site(self.root)
        for model in CONTENT_MODELS:
            for order in (*map(str, range(-12, 13)), "title", "-title", "body"):
                ordering = site.get(path(model), {"o": order}).context["cl"].queryset.query.order_by
                assert not {name.lstrip("-") for name in ordering} & CONTENT_FIELDS[model].keys(), (
                    model,
                    order,
                )

    def test_posted_content_neither_changes_a_row_nor_is_shown(self) -> None:
        for user in (self.olga, self.rita, self.root):
            site = self.site(user)
            for model in CONTENT_MODELS:
                row = self.rows[model]
                for url in (path(model, row), path(model) + "add/"):
                    answer = site.post(
                        url, dict.fromkeys(CONTENT_FIELDS[model], f"{SECRET} changed")
                    )
                    assert answer.status_code == 403
                    self.assert_hidden(answer)
                row.refresh_from_db()
                assert all(
                    getattr(row, field) == words for field, words in CONTENT_FIELDS[model].items()
                )
