"""Measure whether answers tell if an address has an account: by status, by body or by time.

    TODOMATE_ENV=local EMAIL_VERIFICATION=required .venv/bin/python scripts/measure_silence.py

Sends 1,000 sign-ups, changes of the email and password resets, half of them with the address of an
account, in random order and one second apart as far as the mails are concerned. Then it learns the
threshold of the answers' times that tells most of the first half right, and prints how many of the
second half it tells right: about 50 % if nothing shows. It uses an empty database in memory.
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "todomate.settings"
os.environ["DATABASE_URL"] = os.environ.get("SILENCE_DATABASE_URL", "sqlite://:memory:")

import django

django.setup()

from django.conf import settings  # noqa: E402  # after the settings
from django.core.management import call_command  # noqa: E402  # after the settings
from rest_framework.test import APIClient  # noqa: E402  # after the settings

from accounts.credentials.tokens import pair  # noqa: E402  # after the settings
from accounts.mailing import mail  # noqa: E402  # after the settings
from accounts.models import Session, User  # noqa: E402  # after the settings

TRIES = 1000
PASSWORD = "correct horse battery"  # noqa: S105  # of accounts that exist for a minute
AT_MOST = 0.52

type Times = list[tuple[float, bool]]


def sign_up(email: str, _client: APIClient) -> Any:
    body = {"email": email, "password": PASSWORD, "nickname": "Dora"}
    return APIClient().post("/api/v1/auth/signup/", body, format="json")


def change(email: str, client: APIClient) -> Any:
    body = {"email": email, "password": PASSWORD}
    return client.patch("/api/v1/me/", body, format="json")


def reset(email: str, _client: APIClient) -> Any:
    return APIClient().post("/api/v1/auth/password/reset/", {"email": email}, format="json")


def measure(ask: Callable[[str, APIClient], Any], client: APIClient) -> tuple[Times, set[Any]]:
    """Return the time of each answer with whether the address was known, and what they said."""
    times: Times = []
    said = set()
    tries = [number % 2 == 0 for number in range(TRIES)]
    random.shuffle(tries)
    for number, known in enumerate(tries):
        email = f"{'known' if known else 'other'}{number:04}@example.com"
        began = time.perf_counter()
        answer = ask(email, client)
        times.append((time.perf_counter() - began, known))
        text = answer.content.decode().replace(email, "")
        said.add((answer.status_code, len(answer.content), "T" if "access" in text else text[:40]))
    return times, said


def told_apart(times: Times) -> float:
    """Return the part of the second half that the best threshold of the first half tells right."""
    first, second = times[: TRIES // 2], times[TRIES // 2 :]
    candidates = [(limit, slower) for limit, _ in first for slower in (True, False)]

    def right(part: Times, limit: float, slower: bool) -> float:
        return sum(((t > limit) == slower) == known for t, known in part) / len(part)

    limit, slower = max(candidates, key=lambda candidate: right(first, *candidate))
    return right(second, limit, slower)


def main() -> int:
    settings.RATE_LIMITS = False
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hides nothing
    call_command("migrate", verbosity=0)
    for number in range(TRIES):
        User.objects.create_user(f"known{number:04}@example.com", PASSWORD, nickname=f"K{number}")
    me = User.objects.create_user("me@example.com", PASSWORD, nickname="Me")
    client = APIClient()
    access = pair(Session.start(me, None))["access"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    worst = 0.0
    for ask in (sign_up, change, reset):
        measure(ask, client)  # warm
        times, said = measure(ask, client)
        mail.flush()
        part = told_apart(times)
        worst = max(worst, part)
        known, unknown = ([t for t, was in times if was == k] for k in (True, False))
        print(
            f"{ask.__name__}: {part:.1%} told apart by time,"
            f" medians {statistics.median(known) * 1000:.3f} and"
            f" {statistics.median(unknown) * 1000:.3f} ms, {len(said)} kind of answers: {said}"
        )
    return 0 if worst <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
