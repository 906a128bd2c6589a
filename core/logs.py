"""The forms of lines in the log: text, and JSON for security events (docs/logs.md).

Whatever is logged, errors of the database and tracebacks included, loses email addresses and
tokens here.
"""

import logging
import re
from datetime import UTC, datetime

from core.events import SECURITY, request_id

# Whatever may be an email. A match begins where a run of such characters does, so that long texts
# take linear time.
_LOCAL = r"""(?:"(?:[^"\\]|\\.){1,64}"|(?<![^\s"<>()\[\],;:@])[^\s"<>()\[\],;:@]+)"""
_DOMAIN = (
    r"""(?:localhost\b|\[[^\]\s]{1,50}\]|[^\s"'<>()\[\]{},;:=@/?&]+\.[^\s"'<>()\[\]{},;:=@/?&]+)"""
)
EMAIL = re.compile(rf"{_LOCAL}(?:@|%40){_DOMAIN}")
# A JSON Web Token, and what django.core.signing makes (a reset token): value, time, signature. In
# links the colons are encoded.
TOKEN = re.compile(
    r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?<![\w-])[\w-]{8,}(?::|%3A)[A-Za-z0-9]{5,8}(?::|%3A)[\w-]{27,}"
)
# Characters that could forge another line or hide a part of this one.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def without_secrets(text: str) -> str:
    """Return the text with placeholders instead of email addresses and tokens."""
    if "@" in text or "%40" in text:
        text = EMAIL.sub("<email>", text)
    return TOKEN.sub("<token>", text)


def on_one_line(text: str) -> str:
    """Return the text with its control characters escaped, as in a Python string."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class LogFormatter(logging.Formatter):
    """Time with its zone, level, logger, request id (`-` outside of requests) and message.

    A message is one line; only a traceback has more, and those begin with two spaces. A security
    event is the JSON that it is.
    """

    def format(self, record: logging.LogRecord) -> str:
        message = on_one_line(record.getMessage())
        if record.name == SECURITY:
            return without_secrets(message)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        time = moment.replace("+00:00", "Z")
        line = f"{time} {record.levelname} {record.name} {request_id() or '-'} {message}"
        traceback = self.formatException(record.exc_info) if record.exc_info else ""
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        rest = [on_one_line(part) for part in f"{traceback}\n{stack}".split("\n") if part]
        return without_secrets("\n  ".join([line, *rest]))
