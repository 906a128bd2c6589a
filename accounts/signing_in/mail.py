"""Mail, sent outside of the request, so that the response time does not show if one is sent."""

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
_pending: set[Future[None]] = set()


def send_reset(user: User) -> None:
    """Send the link to choose a new password. A failure is logged, and the user can ask again."""
    future = _pool.submit(_send_reset, user)
    _pending.add(future)
    future.add_done_callback(_pending.discard)


def flush() -> None:
    """Wait until all mails are sent."""
    wait(list(_pending))


def _send_reset(user: User) -> None:
    try:
        link = settings.PASSWORD_RESET_URL.replace("{token}", quote(reset_token(user), safe=""))
        context = {
            "nickname": user.profile.nickname,
            "link": link,
            "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        }
        text = render_to_string(f"accounts/password_reset.{user.profile.locale}.txt", context)
        subject, body = text.split("\n\n", maxsplit=1)
        EmailMessage(subject, body, to=[user.email]).send()
    except Exception:
        logger.exception("The mail to reset the password of %s could not be sent.", user.uuid)
