"""DELETE diaries/{id}/"""

from diaries.models import Diary
from tests.base import ApiTest, new_id


class DeleteDiaryTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.diary = Diary.add(self.alice, date=self.today, visibility="followers")
        self.url = f"diaries/{self.diary.pk}/"

    def test_deleting_a_diary_is_idempotent(self) -> None:
        for _ in range(2):
            self.ok(self.as_alice.delete(self.url), 204)
        self.assert_problem(self.as_alice.get(self.url), 404, "not_found")

    def test_the_id_of_a_deleted_diary_is_gone_and_its_date_is_free(self) -> None:
        self.ok(self.as_alice.delete(self.url), 204)
        body = {"id": str(self.diary.pk), "date": str(self.today)}
        self.assert_problem(self.as_alice.post("diaries/", body), 410, "deleted")
        self.ok(self.as_alice.post("diaries/", body | {"id": new_id()}), 201)

    def test_a_viewer_may_not_delete_a_diary_and_others_do_not_find_it(self) -> None:
        self.assert_problem(self.as_bob.delete(self.url), 403, "permission_denied")
        self.assert_problem(self.as_charlie.delete(self.url), 404, "not_found")
        self.assert_problem(self.as_alice.delete(f"diaries/{new_id()}/"), 404, "not_found")

    def test_only_the_owner_is_told_that_a_diary_was_deleted(self) -> None:
        self.ok(self.as_alice.delete(self.url), 204)
        self.assert_problem(self.as_bob.delete(self.url), 404, "not_found")
