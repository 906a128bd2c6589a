"""Mail, sent outside of the request, so that the response does not show whether one is sent.

A request that must not tell whether an account has an email calls `post` either way, and the letter
is made, or not made, about a second later: when it was answered long since.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from urllib.parse import quote

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)
DELAY = (0.5, 1.5)  # seconds
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")
_pending: set[Future[None]] = set()
_hurry = threading.Event()


@dataclass(frozen=True)
class Letter:
    """A mail: the template's name, its receiver, and what fills it in.

    `about` names the account in the log, which holds no email.
    """

    template: str
    to: str
    locale: str
    about: object
    context: dict[str, object] = field(default_factory=dict)


def post(make: Callable[[], Letter | None]) -> None:
    """Send the letter that `make` returns, if any. A failure is logged; the user can ask again.

    `make` runs in another thread and must not use the database.
    """
    delay = random.uniform(*DELAY)  # noqa: S311  # not a secret
    future = _pool.submit(_send, make, time.monotonic() + delay)
    _pending.add(future)
    future.add_done_callback(_pending.discard)


def flush() -> None:
    """Send all letters now, and wait until they are sent."""
    _hurry.set()
    wait(list(_pending))
    _hurry.clear()


def link(url: str, token: str) -> str:
    """Return the URL of a setting with its placeholder filled in."""
    return url.replace("{token}", quote(token, safe=""))


def _send(make: Callable[[], Letter | None], due: float) -> None:
    _hurry.wait(max(0.0, due - time.monotonic()))
    letter = None
    try:
        letter = make()
        if letter is None:
            return
        name = f"accounts/{letter.template}.{letter.locale}.txt"
        subject, body = render_to_string(name, letter.context).split("\n\n", maxsplit=1)
        EmailMessage(subject, body, to=[letter.to]).send()
    except Exception:
        template, about = (letter.template, letter.about) if letter else ("?", "?")
        logger.exception("The mail %s for %s could not be sent.", template, about)
