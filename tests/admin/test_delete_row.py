"""A row deleted in the admin leaves a tombstone, as one deleted by the API does."""

from typing import Any

from diaries.models import Diary
from goals.models import Goal
from resources.models import Tombstone
from tests.admin.base import CONTENT_MODELS, OperatorTest, path
from todos.models import Dismissal, QuickInput, Todo
from todos.offers import Offer


class TestDeleteRow(OperatorTest):
    def delete(self, model: Any, row: Any) -> None:
        answer = self.site(self.olga).post(path(model, row, "delete"), {"post": "yes"})
        assert answer.status_code == 302, answer.content

    def test_deleting_a_row_leaves_a_tombstone(self) -> None:
        for model in (Todo, QuickInput, Diary, Goal):
            row = self.rows[model]
            self.delete(model, row)
            assert not model._default_manager.filter(pk=row.pk).exists()
            assert Tombstone.objects.filter(pk=row.pk, kind=model.kind).exists()

    def test_the_api_answers_as_for_a_row_its_owner_deleted(self) -> None:
        row = self.rows[Diary]
        self.delete(Diary, row)
        assert self.as_alice.delete(f"diaries/{row.pk}/").status_code == 204
        self.assert_problem(
            self.as_alice.post("diaries/", {"id": str(row.pk), "date": "2026-01-01"}),
            410,
            "deleted",
        )

    def test_deleting_a_goal_deletes_its_contents(self) -> None:
        page = self.site(self.olga).get(path(Goal, self.rows[Goal], "delete"))
        self.assertContains(page, "Todos: 1")
        self.delete(Goal, self.rows[Goal])
        held = [self.rows[model].pk for model in (Goal, Todo, QuickInput)]
        assert Tombstone.objects.filter(pk__in=held).count() == 3

    def test_deleting_an_activated_todo_dismisses_its_offer(self) -> None:
        monday, quick_input = self.rows[QuickInput].starts_on.replace(day=5), self.rows[QuickInput]
        todo, _ = Offer(quick_input, monday).activate()
        self.delete(Todo, todo)
        assert Dismissal.objects.filter(quick_input=quick_input, date=monday).exists()

    def test_selected_rows_can_be_deleted(self) -> None:
        self.make_many(3)
        keys = [str(pk) for pk in Todo.objects.values_list("pk", flat=True)]
        action = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
        self.site(self.olga).post(path(Todo), action)
        assert not Todo.objects.exists()
        assert Tombstone.objects.filter(kind="todo").count() == len(keys) == 3

    def test_deleting_requires_the_permission(self) -> None:
        for model in CONTENT_MODELS:
            answer = self.site(self.rita).post(
                path(model, self.rows[model], "delete"), {"post": "yes"}
            )
            assert answer.status_code == 403
            assert model._default_manager.filter(pk=self.rows[model].pk).exists()
