"""The base classes of the tests of cheers."""

from typing import Any

from django.db import transaction

from diaries.models import Diary
from tests.base import ApiTest, Cast, Client
from todos.models import Todo


class Targets(Cast):
    """Mixin that creates todos and diaries, by default Alice's, and cheers on them."""

    def todo(self, **values: Any) -> Todo:
        owner = values.pop("owner", self.alice)
        with transaction.atomic():  # locking needs a transaction, which a race test does not open
            goal = values.pop("goal", None) or self.goal(
                owner, visibility=values.pop("visibility", "followers")
            )
            return Todo.add(owner, **{"goal": goal, "date": self.today, "title": "Run"} | values)

    def diary(self, **values: Any) -> Diary:
        owner = values.pop("owner", self.alice)
        return Diary.add(owner, **{"date": self.today, "visibility": "followers"} | values)

    @staticmethod
    def url(target: Todo | Diary) -> str:
        return f"cheers/{'todos' if isinstance(target, Todo) else 'diaries'}/{target.pk}/"

    def cheer(self, client: Client, target: Todo | Diary, emoji: str = "👍") -> dict[str, Any]:
        answer = client.put(self.url(target), {"emoji": emoji})
        assert answer.status_code in (200, 201), answer.content
        return dict(answer.json())


class CheerTest(Targets, ApiTest):
    def cheers(self, client: Client, query: str = "") -> list[dict[str, Any]]:
        return list(self.ok(client.get(f"cheers/{query}"))["results"])

    def emoji_on(self, client: Client, target: Todo | Diary) -> list[str]:
        """Return the emoji of the cheers the client sees on the target, newest first."""
        return [cheer["emoji"] for cheer in self.cheers(client, f"?{target.kind}={target.pk}")]
