"""Who asks: every seeded person with a session, and access tokens that stay good for the whole run."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import batched
from pathlib import Path

from benchmarks.rows import WRITTEN_DAY

TOKEN_LIFETIME = timedelta(hours=24)
AT_ONCE = 500


@dataclass(frozen=True)
class Person:
    """`todos` are those that are set done, `goals` the active ones; ids as texts. `access` is the project's and the
    bare function's token, `plain_access` the twin's, which names the user by key."""

    pk: int
    uuid: str
    session: str
    goals: list[str]
    todos: list[str]
    access: str
    plain_access: str


def sign_in(pks: Sequence[int]) -> list[Person]:
    """A session and tokens for each of these users. Django must be set up with the project's settings."""
    return [person for chunk in batched(pks, AT_ONCE) for person in _sign_in(chunk)]


def save(people: Iterable[Person], path: Path) -> None:
    path.write_text(json.dumps([asdict(person) for person in people]))


def load(path: Path) -> list[Person]:
    return [Person(**person) for person in json.loads(path.read_text())]


def _sign_in(pks: Sequence[int]) -> Iterator[Person]:
    # Here, as the workers that only read the file have other settings or none.
    from django.conf import settings  # noqa: PLC0415  # as above

    from accounts.models import Session, User  # noqa: PLC0415  # as above
    from core import days  # noqa: PLC0415  # as above

    now = days.now()
    users = User.objects.in_bulk(list(pks))
    fresh = {"rotated_at": now, "ends_at": now + settings.SESSION_LIFETIME}
    sessions = Session.objects.bulk_create(
        Session(user=users[pk], device=None, **fresh) for pk in pks
    )
    goals, todos = _goals(pks), _todos(pks)
    for session in sessions:
        user = session.user
        yield Person(
            pk=user.pk,
            uuid=str(user.uuid),
            session=str(session.pk),
            goals=goals[user.pk],
            todos=todos[user.pk],
            access=_token(sid=str(session.pk), sub=str(user.uuid)),
            plain_access=_token(user_id=str(user.pk)),
        )


def _goals(pks: Sequence[int]) -> dict[int, list[str]]:
    from goals.models import Goal  # noqa: PLC0415  # as above

    found = defaultdict(list)
    for owner, pk in (
        Goal.objects.filter(owner__in=pks, state="active").in_order().values_list("owner", "pk")
    ):
        found[owner].append(str(pk))
    return found


def _todos(pks: Sequence[int]) -> dict[int, list[str]]:
    from todos.models import Todo  # noqa: PLC0415  # as above

    found = defaultdict(list)
    rows = Todo.objects.filter(owner__in=pks, date=WRITTEN_DAY)
    for owner, pk in rows.order_by("owner", "position").values_list("owner", "pk"):
        found[owner].append(str(pk))
    return found


def _token(**claims: str) -> str:
    from rest_framework_simplejwt.tokens import AccessToken  # noqa: PLC0415  # as above

    token = AccessToken()
    token.set_exp(lifetime=TOKEN_LIFETIME)
    for name, value in claims.items():
        token[name] = value
    return str(token)
