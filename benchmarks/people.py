"""Sign in the seeded users, with access tokens that outlive the run. Needs Django set up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import batched

from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import Session, User
from benchmarks.measures import Person
from benchmarks.rows import WRITTEN_DAY
from goals.models import Goal
from todos.models import Todo

TOKEN_LIFETIME = timedelta(hours=24)
AT_ONCE = 500


def sign_in(pks: Sequence[int]) -> list[Person]:
    """Start a session for each of these users."""
    return [person for chunk in batched(pks, AT_ONCE) for person in _sign_in(chunk)]


def _sign_in(pks: Sequence[int]) -> list[Person]:
    now = timezone.now()
    users = User.objects.in_bulk(list(pks))
    dates = {"rotated_at": now, "ends_at": now + settings.SESSION_LIFETIME}
    sessions = Session.objects.bulk_create(Session(user=users[pk], **dates) for pk in pks)
    active = Goal.objects.filter(owner__in=pks, state="active").order_by("position", "id")
    written = Todo.objects.filter(owner__in=pks, date=WRITTEN_DAY).order_by("position")
    goals = _by_owner(active.values_list("owner_id", "pk"))
    todos = _by_owner(written.values_list("owner_id", "pk"))
    return [
        Person(
            pk=session.user.pk,
            uuid=str(session.user.uuid),
            goals=goals[session.user.pk],
            todos=todos[session.user.pk],
            access=_token(sid=str(session.pk), sub=str(session.user.uuid)),
            plain_access=_token(user_id=str(session.user.pk)),
        )
        for session in sessions
    ]


def _by_owner(rows: Iterable[tuple[int, object]]) -> dict[int, list[str]]:
    ids = defaultdict(list)
    for owner, pk in rows:
        ids[owner].append(str(pk))
    return ids


def _token(**claims: str) -> str:
    token = AccessToken()
    token.set_exp(lifetime=TOKEN_LIFETIME)
    token.payload.update(claims)
    return str(token)
