"""Load the settings even if they refuse values, to report all of these in one run."""

import os
import runpy
import secrets
from pathlib import Path

from core.environment import InvalidSetting, text
from operations.doctor.findings import Finding

GUNICORN = Path(__file__).resolve().parents[2] / "gunicorn.conf.py"
KEYS = ("SECRET_KEY", "JWT_SIGNING_KEY")
GENERATE_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'


def load_settings() -> tuple[list[Finding], set[str]]:
    """Return a finding for each value that the settings refuse, and the variables' names.

    Replace each of these values in os.environ by a harmless one, so that `django.conf.settings`
    can be used afterwards.
    """
    findings: list[Finding] = []
    refused: set[str] = set()
    while error := _first_error():
        name = error.name.removesuffix("_FILE")
        if name in refused:
            raise error  # the replacement is refused as well: a bug in this module, not a finding
        findings.append(_describe(error))
        refused.add(name)
        _replace(name)
    return findings, refused


def _first_error() -> InvalidSetting | None:
    """Return the error about the first variable that the settings or gunicorn's file refuse."""
    try:
        runpy.run_module("todomate.settings")  # an import would run it only once
        runpy.run_path(str(GUNICORN))
    except InvalidSetting as error:
        return error
    except SystemExit as end:  # gunicorn.conf.py turns the error into an exit
        if isinstance(end.__context__, InvalidSetting):
            return end.__context__
        raise
    return None


def _replace(name: str) -> None:
    """Replace the value of a variable by a harmless one, or by its default."""
    for key in (name, f"{name}_FILE"):
        os.environ.pop(key, None)
    if name in KEYS:
        os.environ[name] = secrets.token_urlsafe(50)
    elif name == "ALLOWED_HOSTS":
        os.environ[name] = "localhost"
    elif name == "DATABASE_URL":
        # Replicas are accepted only with a primary on MySQL. Nothing connects to this one.
        os.environ[name] = "mysql://localhost/doctor"


def _describe(error: InvalidSetting) -> Finding:
    """Return the finding for a refused variable."""
    name = error.name
    if name.endswith("_FILE"):
        return _unreadable_file(error)
    if name in KEYS:
        return _weak_key(name)
    if name == "DEBUG" and "shows the code" in error.reason:
        return Finding(
            "debug-on",
            "DEBUG is on: every error page would show code and data to everyone.",
            "Remove DEBUG from the environment, or set DEBUG=false.",
        )
    if name == "ALLOWED_HOSTS":
        return Finding(
            "hosts-missing",
            "Neither DOMAIN nor ALLOWED_HOSTS is set: every request would get a 400.",
            "Set DOMAIN to the host name that clients use to reach this server"
            " (DOMAIN=todo.your-name.org).",
        )
    hint = f"Correct {name} where it is set (.env or a secret file). See .env.example."
    return Finding("setting-refused", f"{name} {error.reason}.", hint)


def _unreadable_file(error: InvalidSetting) -> Finding:
    hint = f"Create it, and let the account that runs the server read it (uid {os.getuid()} here)."
    return Finding("secret-file-unreadable", f"{error.name} {error.reason}.", hint)


def _weak_key(name: str) -> Finding:
    code = name.lower().replace("_", "-")
    value = text(name)
    hint = (
        f"Generate a secret for this server only and set {name} (or the file of {name}_FILE) to"
        f" it: {GENERATE_KEY}"
    )
    if not value:
        return Finding(f"{code}-missing", f"{name} is not set.", hint)
    if len(value) < 50:
        message = f"{name} is too short for a secret: it needs at least 50 characters."
        return Finding(f"{code}-short", message, hint)
    message = f"{name} is a placeholder from an example, so anyone can sign with it."
    return Finding(f"{code}-placeholder", message, hint)
