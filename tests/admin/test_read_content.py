"""Reading content requires its own permission, and each read is logged."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.test import Client

from tests.admin.base import CONTENT_FIELDS, CONTENT_MODELS, SECRET, OperatorTest, operator, path


class TestReadContent(OperatorTest):
    def read(self, user: Any, model: Any) -> Any:
        return self.site(user).post(path(model, self.rows[model], "content"))

    def test_content_is_shown_with_the_permission(self) -> None:
        for user in (self.rita, self.root):
            for model in CONTENT_MODELS:
                page = self.read(user, model)
                for words in CONTENT_FIELDS[model].values():
                    self.assertContains(page, words)
                assert "no-store" in page["Cache-Control"]

    def test_content_is_refused_without_the_permission(self) -> None:
        for model in CONTENT_MODELS:
            answer = self.read(self.olga, model)
            assert answer.status_code == 403
            assert SECRET not in answer.content.decode()
        assert not LogEntry.objects.exists()

    def test_the_permission_for_a_model_does_not_apply_to_another(self) -> None:
        views = [
            f"todos.{verb}_{model}"
            for verb, model in (("view", "todo"), ("view", "quickinput"), ("read", "todo"))
        ]
        user = operator("Tom", *views)
        todo, quick_input = CONTENT_MODELS[1], CONTENT_MODELS[2]
        assert self.read(user, todo).status_code == 200
        assert self.read(user, quick_input).status_code == 403

    def test_reading_also_requires_the_permission_to_view_the_row(self) -> None:
        assert self.read(operator("Ron", "todos.read_todo"), CONTENT_MODELS[1]).status_code == 403

    def test_each_read_is_in_the_history_of_the_row_with_the_operator(self) -> None:
        for model in CONTENT_MODELS:
            self.read(self.rita, model)
            self.read(self.rita, model)
            page = self.site(self.olga).get(path(model, self.rows[model], "history"))
            self.assertContains(page, "Read the content.", count=2)
            self.assertContains(page, self.rita.email)
        reads = LogEntry.objects.filter(user=self.rita)
        assert reads.count() == 2 * len(CONTENT_MODELS)
        assert not reads.filter(object_repr__contains=SECRET).exists()

    def test_each_read_is_in_the_servers_log(self) -> None:
        with self.assertLogs("resources.admin", "WARNING") as logs:
            self.read(self.rita, CONTENT_MODELS[1])
        todo = self.rows[CONTENT_MODELS[1]]
        message = f"operator {self.rita.pk} read todos.Todo {todo.pk}"
        assert logs.output == [f"WARNING:resources.admin:{message}"]

    def test_reading_requires_a_post(self) -> None:
        """Opening a row or prefetching a link reads no content, even as a superuser."""
        site = self.site(self.root)
        for model in CONTENT_MODELS:
            row = self.rows[model]
            page = site.get(path(model, row))
            self.assertContains(page, "Read the content")
            self.assertRedirects(site.get(path(model, row, "content")), path(model, row))
        assert not LogEntry.objects.exists()

    def test_the_button_is_hidden_without_the_permission(self) -> None:
        for model in CONTENT_MODELS:
            self.assertNotContains(
                self.site(self.olga).get(path(model, self.rows[model])), "Read the content"
            )

    def test_a_cross_site_form_is_refused(self) -> None:
        site = Client(enforce_csrf_checks=True)
        site.force_login(self.rita)
        answer = site.post(path(CONTENT_MODELS[0], self.rows[CONTENT_MODELS[0]], "content"))
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert not LogEntry.objects.exists()

    def test_the_log_of_reads_is_read_only(self) -> None:
        self.read(self.rita, CONTENT_MODELS[0])
        site, entry = self.site(self.root), LogEntry.objects.get()
        self.assertContains(site.get("/admin/admin/logentry/"), "Read the content.")
        assert (
            site.post(f"/admin/admin/logentry/{entry.pk}/delete/", {"post": "yes"}).status_code
            == 403
        )
        assert site.post(f"/admin/admin/logentry/{entry.pk}/change/", {}).status_code == 403
        assert LogEntry.objects.count() == 1
