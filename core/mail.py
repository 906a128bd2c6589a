"""The mail backend of a server in production that has no mail server."""

import logging
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger(__name__)


class UnsentBackend(BaseEmailBackend):
    """Log that mails were not sent, and nothing of what they say."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for _message in email_messages:
            logger.warning("A mail was not sent, because MAIL_URL is not set.")
        return 0
