"""The admin shows nobody's words: on no page, by no parameter, in no message."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.admin.base import CONTENT, SECRET, WORDS, OperatorTest, path


class TestHideWords(OperatorTest):
    def assert_hidden(self, response: Any) -> None:
        page = response.content.decode()
        assert SECRET not in page
        assert SECRET.lower() not in page.lower()

    def pages(self, user: User) -> list[Any]:
        site = self.site(user)
        pages = [site.get("/admin/")]
        for model in CONTENT:
            row = self.rows[model]
            pages += [site.get(path(model)), site.get(path(model, row)), site.get(path(model, row, "history"))]
        return pages

    def test_lists_rows_and_histories_show_none(self) -> None:
        for user in (self.olga, self.rita, self.root):
            for page in self.pages(user):
                assert page.status_code == 200, page.request
                self.assert_hidden(page)

    def test_the_words_do_not_even_leave_the_database(self) -> None:
        site = self.site(self.olga)
        for model in CONTENT:
            for url in (path(model), path(model, self.rows[model])):
                with self.subTest(url=url):
                    sql = self.queries(site, url)
                    assert f"FROM `{model._meta.db_table}`" in sql
                    assert [f for f in WORDS[model] if f"`{model._meta.db_table}`.`{f}`" in sql] == []

    def queries(self, site: Any, url: str) -> str:
        """All that a page asks the database, with the quotes of MySQL."""
        with CaptureQueriesContext(connection) as queries:
            assert site.get(url).status_code == 200
        return "\n".join(query["sql"] for query in queries).replace('"', "`")

    def test_the_confirmation_of_a_deletion_shows_none(self) -> None:
        site = self.site(self.olga)
        for model in CONTENT:
            row = self.rows[model]
            self.assert_hidden(site.get(path(model, row, "delete")))
            action = {"action": "delete_selected", "_selected_action": [str(row.pk)]}
            self.assert_hidden(site.post(path(model), action))

    def test_a_search_does_not_look_into_them(self) -> None:
        site = self.site(self.root)
        for model in CONTENT:
            for term in (SECRET, SECRET[:3].lower(), "diary", "todo"):
                page = site.get(path(model), {"q": term})
                assert str(self.rows[model].pk) not in page.content.decode()

    def test_autocomplete_does_not_look_into_them_or_show_them(self) -> None:
        site = self.site(self.root)
        fields = [("todos", "todo", "goal"), ("todos", "todo", "quick_input"), ("cheers", "cheer", "todo")]
        for app, model, field in [*fields, ("cheers", "cheer", "diary")]:
            source = {"app_label": app, "model_name": model, "field_name": field}
            assert site.get("/admin/autocomplete/", source | {"term": SECRET}).json()["results"] == []
            everything = site.get("/admin/autocomplete/", source | {"term": ""})
            assert len(everything.json()["results"]) == 1
            self.assert_hidden(everything)

    def test_a_filter_in_the_address_does_not_look_into_them(self) -> None:
        """?title__startswith=Z would read a title letter by letter."""
        site = self.site(self.root)
        for model in CONTENT:
            for field in WORDS[model]:
                for lookup in ("", "__startswith", "__contains", "__regex", "__gt", "__isempty"):
                    answer = site.get(path(model), {f"{field}{lookup}": SECRET})
                    assert answer.status_code == 400, (model, field, lookup)
        for lookup in ("goal__title__startswith", "quick_input__title__startswith", "title_folded__startswith"):
            assert site.get("/admin/todos/todo/", {lookup: "z"}).status_code == 400

    def test_sorting_by_them_is_not_possible(self) -> None:
        site = self.site(self.root)
        for model in CONTENT:
            for order in (*map(str, range(-12, 13)), "title", "-title", "body"):
                ordering = site.get(path(model), {"o": order}).context["cl"].queryset.query.order_by
                assert not {name.lstrip("-") for name in ordering} & WORDS[model].keys(), (model, order)

    def test_what_is_posted_neither_changes_a_row_nor_comes_back(self) -> None:
        for user in (self.olga, self.rita, self.root):
            site = self.site(user)
            for model in CONTENT:
                row = self.rows[model]
                for url in (path(model, row), path(model) + "add/"):
                    answer = site.post(url, dict.fromkeys(WORDS[model], f"{SECRET} changed"))
                    assert answer.status_code == 403
                    self.assert_hidden(answer)
                row.refresh_from_db()
                assert all(getattr(row, field) == words for field, words in WORDS[model].items())
