"""Cheers given, changed, withdrawn and deleted concurrently."""

from collections import Counter
from typing import Any

import pytest

from cheers.models import Cheer
from tests.base import Client, RaceTest, needs_row_locks, person
from tests.cheers.base import Targets
from todos.models import Todo

EMOJI = "🍣🍺🎉💪"


@pytest.mark.races
@needs_row_locks
class CheerRaceTest(Targets, RaceTest):
    def statuses(self, answers: list[Any]) -> Counter[int]:
        return Counter(answer.status_code for answer in answers)

    def test_concurrent_cheers_of_one_person_make_one_cheer(self) -> None:
        for target in (self.todo(), self.diary()):
            phones = [Client(self.bob) for _ in range(16)]

            def give(number: int) -> Any:
                return phones[number].put(self.url(target), {"emoji": EMOJI[number % 4]})  # noqa: B023  # called at once

            answers = self.at_once(give)
            assert self.statuses(answers) == {201: 1, 200: 15}
            assert len({answer.json()["id"] for answer in answers}) == 1
            assert Cheer.objects.filter(**{target.kind: target}).count() == 1

    def test_concurrent_cheers_of_many_people_make_one_each(self) -> None:
        target = self.todo(visibility="public")
        phones = [Client(person("Fan")) for _ in range(16)]
        answers = self.at_once(lambda number: phones[number].put(self.url(target), {"emoji": "🎉"}))
        assert self.statuses(answers) == {201: 16}
        assert Cheer.objects.filter(todo=target).count() == 16

    def test_cheering_a_row_deleted_concurrently_leaves_no_cheer(self) -> None:
        phones = [*(Client(person("Fan")) for _ in range(15)), Client(self.alice)]
        for _ in range(3):
            target = self.todo(visibility="public")

            def work(number: int) -> Any:
                if number == 15:
                    return phones[15].delete(f"todos/{target.pk}/")  # noqa: B023  # called at once
                return phones[number].put(self.url(target), {"emoji": "🎉"})  # noqa: B023  # called at once

            *cheered, deleted = self.at_once(work)
            assert deleted.status_code == 204
            assert set(self.statuses(cheered)) <= {201, 404}
            assert not Todo.objects.filter(pk=target.pk).exists()
        assert not Cheer.objects.exists()

    def test_concurrent_giving_withdrawing_and_deleting_never_fails(self) -> None:
        target = self.todo()
        url = f"cheers/{self.cheer(Client(self.bob), target)['id']}/"
        phones = [Client(self.bob if number % 3 else self.alice) for number in range(16)]

        def work(number: int) -> list[int]:
            phone, statuses = phones[number], []
            for turn in range(6):
                if number % 3 == 0:
                    answer = phone.delete(url)
                elif (number + turn) % 2:
                    answer = phone.put(self.url(target), {"emoji": EMOJI[turn % 4]})
                else:
                    answer = phone.delete(self.url(target))
                statuses.append(answer.status_code)
            return statuses

        seen = {status for statuses in self.at_once(work) for status in statuses}
        assert seen <= {200, 201, 204}, seen
        assert Cheer.objects.count() <= 1
