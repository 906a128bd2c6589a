"""Whether the server can send mail: without it nobody who forgot a password gets in again."""

import smtplib
import ssl
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import mailers

from operations.doctor.findings import ESCAPES, Finding


def examine() -> Iterator[Finding]:
    options = settings.MAILERS["default"].get("OPTIONS", {})
    if options:
        yield from sender()
        if finding := connect(f"{options['host']}:{options['port']}"):
            yield finding
    elif not settings.LOCAL:
        message = "MAIL_URL is not set, so mail goes to the log: nobody who forgot a password gets a new one."
        hint = "Set MAIL_URL=smtp://user:password@host:587 (or smtps:// on 465), and MAIL_FROM."
        yield warning("not-set-up", message, hint)


def sender() -> Iterator[Finding]:
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost") and not settings.LOCAL:
        message = "MAIL_FROM is not set, so mail comes from todomate@localhost, which most mail servers refuse."
        hint = "Set MAIL_FROM to an address that the mail server sends for: TodoMate <hello@your-name.org>."
        yield warning("from-localhost", message, hint)


def connect(where: str) -> Finding | None:
    """Through the very backend that sends."""
    try:
        with mailers.default:
            return None
    except smtplib.SMTPException as error:
        return refusal(error, where)
    except ssl.SSLError as error:
        return unencrypted(error, where)
    except UnicodeError:  # two dots in a row, or a part of more than 63 characters
        return warning(
            "host",
            f"{where} is no address that a mail server can have.",
            "Correct the host in MAIL_URL.",
        )
    except OSError as error:
        hint = "Correct host and port in MAIL_URL, or open the way there: providers often block port 25, not 587 and 465."
        return warning(
            "unreachable", f"The mail server {where} does not answer: {reason(error)}.", hint
        )


def refusal(error: smtplib.SMTPException, where: str) -> Finding:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        hint = f"Correct user and password in MAIL_URL. {ESCAPES}"
        return warning(
            "password", f"The mail server {where} refuses the sign-in of MAIL_URL.", hint
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return unencrypted(error, where)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        hint = "Correct host and port in MAIL_URL: smtps:// is for port 465, smtp:// for 587."
        return warning("refused", f"What answers at {where} does not speak SMTP.", hint)
    hint = "Ask whoever runs the mail server; the sentence in brackets is its own."
    return warning("refused", f"The mail server {where} refuses this one ({error}).", hint)


def unencrypted(error: Exception, where: str) -> Finding:
    hint = (
        "smtp:// with a user asks for STARTTLS (port 587), smtps:// for TLS from the start (port 465): use the "
        "one that the server has, and the name that stands in its certificate."
    )
    return warning(
        "tls", f"No encrypted connection to the mail server {where}: {reason(error)}.", hint
    )


def warning(code: str, message: str, hint: str) -> Finding:
    """Everything else works meanwhile: a mail server that is down must not stop a deploy or a rollback."""
    return Finding(f"mail-{code}", message, hint, "warning")


def reason(error: Exception) -> str:
    """Of an error in Python's or the driver's words: the words alone."""
    words = getattr(error, "verify_message", "") or getattr(error, "strerror", None) or str(error)
    return str(words).rstrip(".")
