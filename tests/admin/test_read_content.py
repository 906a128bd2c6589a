"""Reading what somebody wrote takes a permission of its own, and each look is written down."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.test import Client

from tests.admin.base import CONTENT, SECRET, WORDS, OperatorTest, operator, path


class TestReadWords(OperatorTest):
    def read(self, user: Any, model: Any) -> Any:
        return self.site(user).post(path(model, self.rows[model], "content"))

    def test_with_the_permission_they_are_shown(self) -> None:
        for user in (self.rita, self.root):
            for model in CONTENT:
                page = self.read(user, model)
                for words in WORDS[model].values():
                    self.assertContains(page, words)
                assert "no-store" in page["Cache-Control"]

    def test_without_it_they_are_not(self) -> None:
        for model in CONTENT:
            answer = self.read(self.olga, model)
            assert answer.status_code == 403
            assert SECRET not in answer.content.decode()
        assert not LogEntry.objects.exists()

    def test_the_permission_for_one_kind_is_none_for_another(self) -> None:
        views = [
            f"todos.{verb}_{model}" for verb, model in (("view", "todo"), ("view", "quickinput"), ("read", "todo"))
        ]
        user = operator("Tom", *views)
        todo, quick_input = CONTENT[1], CONTENT[2]
        assert self.read(user, todo).status_code == 200
        assert self.read(user, quick_input).status_code == 403

    def test_the_permission_to_read_is_none_to_see_the_row(self) -> None:
        assert self.read(operator("Ron", "todos.read_todo"), CONTENT[1]).status_code == 403

    def test_each_look_is_in_the_history_of_the_row_with_who_looked(self) -> None:
        for model in CONTENT:
            self.read(self.rita, model)
            self.read(self.rita, model)
            page = self.site(self.olga).get(path(model, self.rows[model], "history"))
            self.assertContains(page, "Read the content.", count=2)
            self.assertContains(page, self.rita.email)
        looks = LogEntry.objects.filter(user=self.rita)
        assert looks.count() == 2 * len(CONTENT)
        assert not looks.filter(object_repr__contains=SECRET).exists()

    def test_each_look_is_in_the_servers_log(self) -> None:
        with self.assertLogs("resources.admin", "WARNING") as logs:
            self.read(self.rita, CONTENT[1])
        assert logs.output == [
            f"WARNING:resources.admin:operator {self.rita.pk} read todos.Todo {self.rows[CONTENT[1]].pk}"
        ]

    def test_looking_takes_a_deliberate_click(self) -> None:
        """A superuser has every permission, but opens a row without reading it; a prefetched link reads nothing."""
        site = self.site(self.root)
        for model in CONTENT:
            row = self.rows[model]
            page = site.get(path(model, row))
            self.assertContains(page, "Read the content")
            self.assertRedirects(site.get(path(model, row, "content")), path(model, row))
        assert not LogEntry.objects.exists()

    def test_without_the_permission_there_is_no_button(self) -> None:
        for model in CONTENT:
            self.assertNotContains(self.site(self.olga).get(path(model, self.rows[model])), "Read the content")

    def test_a_form_from_elsewhere_reads_nothing(self) -> None:
        site = Client(enforce_csrf_checks=True)
        site.force_login(self.rita)
        answer = site.post(path(CONTENT[0], self.rows[CONTENT[0]], "content"))
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert not LogEntry.objects.exists()

    def test_the_overview_of_looks_can_be_seen_but_not_changed(self) -> None:
        self.read(self.rita, CONTENT[0])
        site, entry = self.site(self.root), LogEntry.objects.get()
        self.assertContains(site.get("/admin/admin/logentry/"), "Read the content.")
        assert site.post(f"/admin/admin/logentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
        assert site.post(f"/admin/admin/logentry/{entry.pk}/change/", {}).status_code == 403
        assert LogEntry.objects.count() == 1
