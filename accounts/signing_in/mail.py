"""Mail, sent outside of the request: nobody can tell by the time of an answer whether one is sent."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.credentials.passwords import reset_token
from accounts.models import User

logger = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")
_under_way: set[Future[None]] = set()


def send_reset(user: User) -> None:
    """Send the link that lets this person choose a new password. A failure is logged; the person may ask again."""
    future = _pool.submit(_send_reset, user)
    _under_way.add(future)
    future.add_done_callback(_under_way.discard)


def flush() -> None:
    """Wait until all is sent."""
    wait(list(_under_way))


def _send_reset(user: User) -> None:
    try:
        link = settings.PASSWORD_RESET_URL.replace("{token}", quote(reset_token(user), safe=""))
        words = {
            "nickname": user.profile.nickname,
            "link": link,
            "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        }
        text = render_to_string(f"accounts/password_reset.{user.profile.locale}.txt", words)
        subject, body = text.split("\n\n", maxsplit=1)
        EmailMessage(subject, body, to=[user.email]).send()
    except Exception:
        logger.exception("the mail about a new password of %s was not sent", user)
