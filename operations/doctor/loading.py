"""Loads the settings even where they refuse to: every fault is found in one go, not one at each start."""

import os
import runpy
import secrets
from pathlib import Path

from core.environment import Refused, text
from operations.doctor.findings import Finding

GUNICORN = Path(__file__).resolve().parents[2] / "gunicorn.conf.py"
KEYS = ("SECRET_KEY", "JWT_SIGNING_KEY")
MAKE_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'


def load() -> tuple[list[Finding], set[str]]:
    """What the settings refuse, and the variables' names.

    Each of them is taken out of os.environ and something harmless put there, so that `django.conf.settings` can be
    used afterwards.
    """
    findings: list[Finding] = []
    refused: set[str] = set()
    while fault := first_fault():
        name = fault.name.removesuffix("_FILE")
        if name in refused:
            raise fault  # what stands in is refused too: a fault of this module, and no reason to go round for ever
        findings.append(describe(fault))
        refused.add(name)
        stand_in(name)
    return findings, refused


def first_fault() -> Refused | None:
    """The first variable that the settings, or gunicorn's, refuse."""
    try:
        runpy.run_module("todomate.settings")  # run, not imported: it is read again and again
        runpy.run_path(str(GUNICORN))
    except Refused as fault:
        return fault
    except SystemExit as end:  # gunicorn's own way to say it
        if isinstance(end.__context__, Refused):
            return end.__context__
        raise
    return None


def stand_in(name: str) -> None:
    """Something harmless in the place of a variable; most of them have a default."""
    for key in (name, f"{name}_FILE"):
        os.environ.pop(key, None)
    if name in KEYS:
        os.environ[name] = secrets.token_urlsafe(50)
    elif name == "ALLOWED_HOSTS":
        os.environ[name] = "localhost"
    elif name == "DATABASE_URL":
        os.environ[name] = (
            "mysql://localhost/doctor"  # of the kind that replicas are accepted with; never connected to
        )


def describe(fault: Refused) -> Finding:
    """The sentence that the start would have ended with, and what to do about it."""
    if fault.name.endswith("_FILE"):
        return unreadable(fault)
    if fault.name in KEYS:
        return weak_key(fault.name)
    if fault.name == "DEBUG" and "shows the code" in fault.why:
        hint = "Take DEBUG out of the environment, or set DEBUG=false."
        return Finding(
            "debug-on",
            "DEBUG is on: every error would show the code and the data to everyone.",
            hint,
        )
    if fault.name == "ALLOWED_HOSTS":
        hint = "Set DOMAIN to the name under which clients reach this server (DOMAIN=todo.your-name.org)."
        return Finding(
            "hosts-missing",
            "Neither DOMAIN nor ALLOWED_HOSTS is set: every request would get a 400.",
            hint,
        )
    hint = f"Correct {fault.name} where it is set (.env, a file of secrets); .env.example says what it may be."
    return Finding("setting-refused", f"{fault.name} {fault.why}.", hint)


def unreadable(fault: Refused) -> Finding:
    hint = f"Put the file there and let the account that the server runs as read it (uid {os.getuid()} here)."
    return Finding("secret-file-unreadable", f"{fault.name} {fault.why}.", hint)


def weak_key(name: str) -> Finding:
    code, value = name.lower().replace("_", "-"), text(name)
    hint = f"Make a secret for this server alone and set {name} (or the file of {name}_FILE) to it: {MAKE_A_KEY}"
    if not value:
        return Finding(f"{code}-missing", f"{name} is not set.", hint)
    if len(value) < 50:
        return Finding(
            f"{code}-short", f"{name} is too short to be a secret: 50 characters at least.", hint
        )
    message = f"{name} is a placeholder that stands in examples, so everyone can sign with it."
    return Finding(f"{code}-placeholder", message, hint)
