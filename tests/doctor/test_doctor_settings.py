"""Test the findings about settings: all in one run, even if the settings cannot be loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

from operations.doctor.demo_accounts import DEMO
from tests.doctor.base import EXPECTED, QUOTED_PASSWORD, ROOT, VALID_ENV, Report, doctor
from todomate.demo.people import ADMIN, PEOPLE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)

BROKEN = {
    "TODOMATE_ENV": "staging",
    "JWT_SIGNING_KEY": "django-insecure-" * 5,
    "ALLOWED_HOSTS": " , ",
    "DEBUG": "true",
    "DATABASE_URL": f"mysql://me:{QUOTED_PASSWORD}@db.example.org:port/name",
    "DATABASE_REPLICA_URLS": f"mysql://me:{QUOTED_PASSWORD}@db.example.org",
    "MAIL_URL_FILE": "/nowhere/mail_url",
    "REDIS_URL": "http://redis",
    "LOG_LEVEL": "LOUD",
    "WEB_CONCURRENCY": "0",
}


@pytest.fixture(scope="module")
def broken() -> Report:
    return doctor(**BROKEN)


def test_every_refused_setting_is_found_in_one_run(broken: Report) -> None:
    names = {
        "secret-key-missing",
        "jwt-signing-key-placeholder",
        "hosts-missing",
        "debug-on",
        "secret-file-unreadable",
    }
    assert broken.codes == dict.fromkeys(names | {"setting-refused"}, "error")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "secret-key-missing",
            ["SECRET_KEY is not set.", "secrets.token_urlsafe(50)", "SECRET_KEY_FILE"],
        ),
        (
            "jwt-signing-key-placeholder",
            ["JWT_SIGNING_KEY is a placeholder", "secrets.token_urlsafe(50)"],
        ),
        ("hosts-missing", ["Neither DOMAIN nor ALLOWED_HOSTS is set", "a 400", "Set DOMAIN"]),
        ("debug-on", ["DEBUG is on", "DEBUG=false"]),
        ("secret-file-unreadable", ["MAIL_URL_FILE names the file /nowhere/mail_url", "uid "]),
    ],
)
def test_a_refused_setting_has_a_message_and_a_hint(
    broken: Report, code: str, words: list[str]
) -> None:
    assert [word for word in words if word not in broken.text[code]] == []


OTHERS = (
    "TODOMATE_ENV",
    "DATABASE_URL",
    "DATABASE_REPLICA_URLS",
    "REDIS_URL",
    "LOG_LEVEL",
    "WEB_CONCURRENCY",
)


@pytest.mark.parametrize("name", OTHERS)
def test_each_other_variable_has_its_own_message(broken: Report, name: str) -> None:
    sentences = broken.text["setting-refused"].splitlines()
    assert (
        len([line for line in sentences if line.startswith((f"{name} is ", f"{name} must "))]) == 1
    )
    assert len([line for line in sentences if f"Correct {name} where it is set" in line]) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "secret-key-missing"),
        ("a-word-of-mine", "secret-key-short"),
        ("change-me" * 10, "secret-key-placeholder"),
    ],
    ids=["missing", "short", "placeholder"],
)
def test_a_missing_or_weak_key(key: str, code: str) -> None:
    report = doctor(
        **{name: value for name, value in (VALID_ENV | {"SECRET_KEY": key}).items() if value}
    )
    assert report.codes_except(*EXPECTED) == {code: "error"}


def test_a_secret_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("change-me" * 10)
    report = doctor(**VALID_ENV | {"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert report.codes_except(*EXPECTED) == {"secret-key-placeholder": "error"}


def test_the_unchanged_example_is_an_error() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    report = doctor(**values | {"DATABASE_URL": VALID_ENV["DATABASE_URL"]})
    assert {"secret-key-missing", "example-shipped"} <= report.codes.keys()
    assert "todomate.example" in report.text["example-shipped"]


def test_an_invalid_domain() -> None:
    report = doctor(**VALID_ENV | {"DOMAIN": "https://todo.example.org/"})
    assert report.codes_except(*EXPECTED) == {"domain-not-a-name": "error"}
    assert "no https://, no port, no path" in report.text["domain-not-a-name"]


def test_a_domain_that_is_not_allowed() -> None:
    report = doctor(**VALID_ENV | {"ALLOWED_HOSTS": "other.example.org"})
    assert report.codes_except(*EXPECTED) == {"host-not-allowed": "error"}
    assert "Add todo.example.org to ALLOWED_HOSTS" in report.text["host-not-allowed"]


def test_a_domain_that_a_pattern_allows() -> None:
    assert (
        doctor(**VALID_ENV | {"ALLOWED_HOSTS": "other.example.net, .example.org"}).codes_except(
            *EXPECTED
        )
        == {}
    )


def test_a_proxy_that_is_not_trusted() -> None:
    report = doctor(**VALID_ENV | {"TRUSTED_PROXIES": "0"})
    assert report.codes_except(*EXPECTED) == {"proxy-not-trusted": "warning"}
    assert "Set TRUSTED_PROXIES=1" in report.text["proxy-not-trusted"]


def test_a_local_server_hears_nothing_of_production() -> None:
    database = "mysql://me@db.example.invalid/todomate"  # without a certificate authority
    report = doctor(
        TODOMATE_ENV="local", DOMAIN="todomate.example", DATABASE_URL=database, DEBUG="true"
    )
    assert report.codes == {"database-host-unknown": "error"}


def test_the_demos_people_are_those_that_are_looked_for() -> None:
    assert all(person.email.endswith(DEMO) for person in (*PEOPLE, ADMIN))
