"""PUT cheers/todos/{id}/ and cheers/diaries/{id}/"""

from cheers.models import Cheer
from resources.models import Tombstone
from tests.base import new_id
from tests.cheers.base import CheerTest


class GiveCheerTest(CheerTest):
    def test_whoever_sees_a_todo_may_cheer_it(self) -> None:
        todo = self.todo(title="Run 5 km")
        cheer = self.ok(self.as_bob.put(self.url(todo), {"emoji": "🎉"}), 201)
        assert cheer["owner"]["id"] == str(self.bob.uuid)
        assert cheer["emoji"] == "🎉"
        assert cheer["target"] == {
            "kind": "todo",
            "id": str(todo.pk),
            "title": "Run 5 km",
            "date": None,
        }
        assert set(cheer) == {"id", "owner", "emoji", "target", "created_at", "updated_at"}

    def test_whoever_sees_a_diary_may_cheer_it(self) -> None:
        diary = self.diary()
        cheer = self.ok(self.as_bob.put(self.url(diary), {"emoji": "🎉"}), 201)
        assert cheer["target"] == {
            "kind": "diary",
            "id": str(diary.pk),
            "title": None,
            "date": str(self.today),
        }

    def test_owners_may_cheer_their_own_rows(self) -> None:
        for target in (
            self.todo(visibility="private"),
            self.diary(visibility="private", is_draft=True),
        ):
            self.ok(self.as_alice.put(self.url(target), {"emoji": "💪"}), 201)

    def test_cheering_again_replaces_the_emoji(self) -> None:
        for target in (self.todo(), self.diary()):
            first = self.ok(self.as_bob.put(self.url(target), {"emoji": "🎉"}), 201)
            for _ in range(2):
                again = self.ok(self.as_bob.put(self.url(target), {"emoji": "🍺"}), 200)
                assert again == first | {"emoji": "🍺", "updated_at": again["updated_at"]}
            assert Cheer.objects.of(self.bob).filter(**{target.kind: target}).count() == 1

    def test_a_repeated_cheer_changes_nothing(self) -> None:
        todo = self.todo()
        first = self.ok(self.as_bob.put(self.url(todo), {"emoji": "❤"}), 201)
        assert self.ok(self.as_bob.put(self.url(todo), {"emoji": "❤️"}), 200) == first

    def test_each_person_has_one_cheer_on_a_target(self) -> None:
        todo = self.todo(visibility="public")
        for client in (self.as_alice, self.as_bob, self.as_charlie):
            self.ok(client.put(self.url(todo), {"emoji": "🎉"}), 201)
        assert len(self.cheers(self.as_bob, f"?todo={todo.pk}")) == 3

    def test_a_hidden_target_is_not_found(self) -> None:
        hidden = [self.todo(visibility="private"), self.todo(date=None, visibility="public")]
        diaries = [
            self.diary(visibility="private"),
            self.diary(date=self.day(1), visibility="public", is_draft=True),
        ]
        for target in hidden + diaries:
            self.assert_problem(
                self.as_bob.put(self.url(target), {"emoji": "🎉"}), 404, "not_found"
            )
        self.assert_problem(
            self.as_charlie.put(self.url(self.todo()), {"emoji": "🎉"}), 404, "not_found"
        )
        assert not Cheer.objects.exists()

    def test_the_id_of_the_other_kind_and_a_random_id_are_not_found(self) -> None:
        todo, diary = self.todo(), self.diary()
        for url in (
            f"cheers/diaries/{todo.pk}/",
            f"cheers/todos/{diary.pk}/",
            f"cheers/todos/{new_id()}/",
        ):
            self.assert_problem(self.as_alice.put(url, {"emoji": "🎉"}), 404, "not_found")

    def test_blocked_people_cannot_cheer_each_other(self) -> None:
        alices, charlies = (
            self.todo(visibility="public"),
            self.todo(owner=self.charlie, visibility="public"),
        )
        self.alice.block(self.charlie)
        self.assert_problem(
            self.as_charlie.put(self.url(alices), {"emoji": "🎉"}), 404, "not_found"
        )
        self.assert_problem(
            self.as_alice.put(self.url(charlies), {"emoji": "🎉"}), 404, "not_found"
        )

    def test_a_cheer_is_exactly_one_emoji(self) -> None:
        todo = self.todo()
        for emoji, code in (
            ("", "blank"),
            ("ab", "not_one_emoji"),
            ("🍣🍺", "not_one_emoji"),
            (None, "null"),
            (5, "invalid"),
        ):
            with self.subTest(emoji=emoji):
                self.assert_field_error(
                    self.as_bob.put(self.url(todo), {"emoji": emoji}), "emoji", code
                )
        self.assert_field_error(self.as_bob.put(self.url(todo), {}), "emoji", "required")

    def test_an_unknown_field_is_refused_and_an_answer_can_be_sent_back(self) -> None:
        todo = self.todo()
        cheer = self.cheer(self.as_bob, todo)
        assert self.ok(self.as_bob.put(self.url(todo), cheer), 200) == cheer
        answer = self.as_bob.put(self.url(todo), {"emoji": "👍", "mood": "👍"})
        self.assert_field_error(answer, "mood", "unknown_field")

    def test_a_cheer_given_again_after_withdrawal_is_new_with_the_same_id(self) -> None:
        todo = self.todo()
        first = self.cheer(self.as_bob, todo)
        self.ok(self.as_bob.delete(self.url(todo)), 204)
        second = self.ok(self.as_bob.put(self.url(todo), {"emoji": "🍺"}), 201)
        assert second["id"] == first["id"]
        assert second["created_at"] > first["created_at"]

    def test_a_cheer_given_again_has_no_tombstone(self) -> None:
        todo = self.todo()
        for _ in range(2):
            self.cheer(self.as_bob, todo)
            assert not Tombstone.objects.exists()
            self.ok(self.as_bob.delete(self.url(todo)), 204)
            assert Tombstone.objects.count() == 1
