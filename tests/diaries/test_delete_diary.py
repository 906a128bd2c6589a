"""DELETE diaries/{id}/"""

from diaries.models import Diary
from tests.base import ApiTest, new_id


class DeleteDiaryTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.diary = Diary.add(self.alice, date=self.today, visibility="followers")
        self.url = f"diaries/{self.diary.pk}/"

    def test_it_is_gone_and_deleting_it_again_is_the_same(self) -> None:
        for _ in range(2):
            self.ok(self.as_alice.delete(self.url), 204)
        self.assert_problem(self.as_alice.get(self.url), 404, "not_found")

    def test_its_id_is_gone_for_good_and_its_date_is_free(self) -> None:
        self.ok(self.as_alice.delete(self.url), 204)
        body = {"id": str(self.diary.pk), "date": str(self.today)}
        self.assert_problem(self.as_alice.post("diaries/", body), 410, "deleted")
        self.ok(self.as_alice.post("diaries/", body | {"id": new_id()}), 201)

    def test_who_sees_it_may_not_delete_it_and_for_others_it_is_not_there(self) -> None:
        self.assert_problem(self.as_bob.delete(self.url), 403, "permission_denied")
        self.assert_problem(self.as_charlie.delete(self.url), 404, "not_found")
        self.assert_problem(self.as_alice.delete(f"diaries/{new_id()}/"), 404, "not_found")

    def test_that_it_was_deleted_is_said_to_its_owner_alone(self) -> None:
        self.ok(self.as_alice.delete(self.url), 204)
        self.assert_problem(self.as_bob.delete(self.url), 404, "not_found")
