"""Check that the server can send mail, which resetting a password needs."""

import smtplib
import ssl
from collections.abc import Iterator

from django.conf import settings
from django.core.mail import mailers

from operations.doctor.findings import ESCAPES, Finding


def examine() -> Iterator[Finding]:
    """Yield findings about MAIL_URL, MAIL_FROM and the mail server."""
    options = settings.MAILERS["default"].get("OPTIONS", {})
    if options:
        yield from _examine_sender()
        if finding := _connect(f"{options['host']}:{options['port']}"):
            yield finding
    elif not settings.LOCAL:
        hint = "Set MAIL_URL=smtp://user:password@host:587 (or smtps:// on 465), and MAIL_FROM."
        if settings.EMAIL_VERIFICATION == "required":
            message = "MAIL_URL is not set, so no mail is sent: nobody can sign up."
            yield Finding("mail-not-set-up", message, hint)
        else:
            message = "MAIL_URL is not set, so no mail is sent: forgotten passwords stay lost."
            yield _warning("not-set-up", message, hint)


def _examine_sender() -> Iterator[Finding]:
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost") and not settings.LOCAL:
        yield _warning(
            "from-localhost",
            "MAIL_FROM is not set, so mail is sent from todomate@localhost, which most mail"
            " servers refuse.",
            "Set MAIL_FROM to an address that the mail server may send for:"
            " TodoMate <hello@your-name.org>.",
        )


def _connect(address: str) -> Finding | None:
    """Connect and sign in with the same backend that sends mail."""
    try:
        with mailers.default:
            return None
    except smtplib.SMTPException as error:
        return _refusal(error, address)
    except ssl.SSLError as error:
        return _unencrypted(error, address)
    except UnicodeError:  # two dots in a row, or a label of more than 63 characters
        message = f"{address} is not a valid address of a mail server."
        return _warning("host", message, "Correct the host in MAIL_URL.")
    except OSError as error:
        message = f"The mail server {address} does not answer: {_reason(error)}."
        hint = (
            "Correct host and port in MAIL_URL, or allow outgoing connections to them: providers"
            " often block port 25, but not 587 and 465."
        )
        return _warning("unreachable", message, hint)


def _refusal(error: smtplib.SMTPException, address: str) -> Finding:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        hint = f"Correct user and password in MAIL_URL. {ESCAPES}"
        message = f"The mail server {address} refuses the user and password of MAIL_URL."
        return _warning("password", message, hint)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _unencrypted(error, address)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        hint = "Correct host and port in MAIL_URL: smtps:// is for port 465, smtp:// for 587."
        return _warning("refused", f"The server at {address} does not speak SMTP.", hint)
    hint = "Ask the administrator of the mail server; the text in parentheses is its answer."
    return _warning("refused", f"The mail server {address} refuses this server ({error}).", hint)


def _unencrypted(error: Exception, address: str) -> Finding:
    hint = (
        "smtp:// with a user needs STARTTLS (port 587), smtps:// needs TLS from the start (port"
        " 465): use the one that the mail server offers, and the host name in its certificate."
    )
    message = f"No encrypted connection to the mail server {address}: {_reason(error)}."
    return _warning("tls", message, hint)


def _warning(code: str, message: str, hint: str) -> Finding:
    """Return a warning, not an error: a mail outage must not stop a deploy or a rollback."""
    return Finding(f"mail-{code}", message, hint, "warning")


def _reason(error: Exception) -> str:
    """Return the text of an error, without its numbers."""
    text = getattr(error, "verify_message", "") or getattr(error, "strerror", None) or str(error)
    return str(text).rstrip(".")
