"""DELETE todos/{id}/ and POST todos/delete/"""

from typing import Any

from django.db import transaction

from cheers.models import Cheer
from photos.models import Photo, Trash
from resources.models import Tombstone
from tests.base import new_id
from tests.photos.base import photo
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest
from todos.models import Dismissal, QuickInput, Todo
from todos.offers import Offer


class Offers(TodoTest):
    def offered(self) -> list[str]:
        answer = self.ok(
            self.as_alice.get(f"quick-inputs/offers/?date_from={DAY}&date_to={NEXT_DAY}")
        )
        return [offer["date"] for offer in answer["results"]]


class DeleteTodoTest(Offers):
    def test_deleting_a_todo_deletes_its_cheers_and_is_idempotent(self) -> None:
        todo, other = self.todo(), self.todo("Other")
        for target in (todo, other):
            Cheer.give(self.bob, target, "👍")
        for _ in range(2):
            self.ok(self.as_alice.delete(f"todos/{todo.pk}/"), 204)
        assert self.titles() == ["Other"]
        assert Cheer.objects.get().todo_id == other.pk
        self.assert_problem(self.as_alice.get(f"todos/{todo.pk}/"), 404, "not_found")
        self.assert_problem(self.patch(todo, title="x"), 404, "not_found")

    def test_an_archived_todo_can_be_deleted(self) -> None:
        todo = self.todo(day=None)
        for _ in range(2):
            self.ok(self.as_alice.delete(f"todos/{todo.pk}/"), 204)
        assert not Todo.objects.exists()

    def test_an_unknown_id_is_not_found(self) -> None:
        self.assert_problem(self.as_alice.delete(f"todos/{new_id()}/"), 404, "not_found")

    def test_deleting_an_activated_todo_dismisses_its_offer(self) -> None:
        todo = self.activated()
        self.ok(self.patch(todo, date=str(NEXT_DAY)))
        for _ in range(2):
            self.ok(self.as_alice.delete(f"todos/{todo.pk}/"), 204)
        assert self.offered() == [str(NEXT_DAY)]
        assert Dismissal.objects.get().date == DAY

    def test_deleting_a_todo_of_a_deleted_quick_input_dismisses_nothing(self) -> None:
        todo = self.activated()
        QuickInput.objects.all().delete()
        self.ok(self.as_alice.delete(f"todos/{todo.pk}/"), 204)
        assert not Dismissal.objects.exists()

    def test_a_viewer_may_not_delete_a_todo_and_others_do_not_find_it(self) -> None:
        shown, hidden = self.todo(), self.todo(goal=self.goal())
        self.assert_problem(self.as_bob.delete(f"todos/{shown.pk}/"), 403, "permission_denied")
        self.assert_problem(self.as_bob.delete(f"todos/{hidden.pk}/"), 404, "not_found")
        self.ok(self.as_alice.delete(f"todos/{shown.pk}/"), 204)
        self.assert_problem(self.as_bob.delete(f"todos/{shown.pk}/"), 404, "not_found")


class DeleteTodosTest(Offers):
    def delete(self, *todos: Any, phone: Any = None) -> Any:
        body = {"ids": [str(getattr(todo, "pk", todo)) for todo in todos]}
        return (phone or self.as_alice).post("todos/delete/", body)

    def test_deleting_many_todos_is_idempotent(self) -> None:
        a, b, archived = self.todo("a"), self.todo("b"), self.todo("c", None)
        self.todo("stays")
        theirs, never = self.todo(goal=self.goal(self.bob, visibility="public")), new_id()
        wanted = {
            "deleted": [str(t.pk) for t in (b, archived, a)],
            "missing": [str(theirs.pk), never],
        }
        for _ in range(2):
            assert self.ok(self.delete(b, theirs, archived, never, a, a, never)) == wanted
        assert self.titles() == ["stays"]
        assert Todo.objects.of(self.bob).count() == 1
        assert Tombstone.objects.count() == 3

    def test_todos_deleted_before_are_reported_as_deleted(self) -> None:
        a, b = self.todo(), self.todo()
        self.ok(self.as_alice.delete(f"todos/{a.pk}/"), 204)
        assert self.ok(self.delete(a, b))["deleted"] == [str(a.pk), str(b.pk)]
        self.assert_problem(self.post(id=str(b.pk)), 410, "deleted")

    def test_deleted_ids_of_other_kinds_or_people_are_reported_missing(self) -> None:
        goal, theirs = self.goal(), self.todo(goal=self.goal(self.bob))
        self.ok(self.as_alice.delete(f"goals/{goal.pk}/"), 204)
        self.ok(self.as_bob.delete(f"todos/{theirs.pk}/"), 204)
        missing = [str(goal.pk), str(theirs.pk)]
        assert self.ok(self.delete(*missing)) == {"deleted": [], "missing": missing}

    def test_deleting_activated_todos_dismisses_their_offers(self) -> None:
        todo = self.activated()
        plain = self.todo()
        later, _made = Offer(todo.quick_input, NEXT_DAY).activate()
        for _ in range(2):
            self.ok(self.delete(later, plain, todo))
        assert self.offered() == []
        assert sorted(Dismissal.objects.values_list("date", flat=True)) == [DAY, NEXT_DAY]

    def test_a_todo_activated_again_can_be_deleted_again(self) -> None:
        todo = self.activated()
        offer = f"quick-inputs/{todo.quick_input_id}/offers/{DAY}"
        self.ok(self.delete(todo))
        self.ok(self.as_alice.delete(f"{offer}/dismissal/"), 204)
        self.ok(self.as_alice.put(f"{offer}/todo/"), 201)
        assert self.ok(self.delete(todo)) == {"deleted": [str(todo.pk)], "missing": []}
        assert not Todo.objects.exists()

    def test_at_most_200_ids_are_accepted(self) -> None:
        many = [new_id() for _ in range(201)]
        assert self.ok(self.delete(*many[:200]))["missing"] == many[:200]
        self.assert_field_error(self.delete(*many), "ids", "max_length")
        self.assert_field_error(self.as_alice.post("todos/delete/", {}), "ids", "required")
        assert self.ok(self.delete()) == {"deleted": [], "missing": []}

    def test_the_path_for_many_todos_does_not_allow_delete(self) -> None:
        for path in ("todos/", "todos/delete/", "todos/order/", "todos/move/"):
            self.assert_problem(self.as_alice.delete(path), 405, "method_not_allowed")

    def test_one_todo_and_many_cost_the_same_queries(self) -> None:
        for count in (1, 99):
            activated = self.activated()
            self.fill(DAY, count)
            todos = [activated, *Todo.objects.filter(quick_input=None)]
            # savepoint, session, owner, quick inputs found and locked, todos locked, dismissals,
            # tombstones, two to count what goes with them, three of Django's delete (todos, then
            # cheers and todos by the hundred), tombstones read, savepoint's end
            with self.assertNumQueries(15):
                assert len(self.ok(self.delete(*todos))["deleted"]) == count + 1

    def test_photos_of_few_todos_and_many_cost_the_same_queries(self) -> None:
        for count in (2, 20):
            rows = [photo(self.alice) for _ in range(count)]
            with transaction.atomic():
                goal = self.goal()
                todos = [
                    Todo.add(self.alice, goal=goal, date=DAY, title="x", photo=row.pk)
                    for row in rows
                ]
            # as above, without dismissals and quick inputs locked; then the photos, avatars,
            # tombstones, what is to be removed, and four of Django's delete (photos read, those
            # of diaries, of todos, and photos)
            with self.assertNumQueries(21):
                assert len(self.ok(self.delete(*todos))["deleted"]) == count
            assert not Photo.objects.exists()
            assert Trash.objects.filter(pk__in=[row.key for row in rows]).count() == count
            kinds = Tombstone.objects.filter(pk__in=[row.pk for row in rows])
            assert kinds.filter(kind="photo").count() == count
