"""What the doctor says of the settings: all of it in one run, also where they refuse to load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

from operations.doctor.people import DEMO
from tests.doctor.base import EXPECTED, GOOD, IN_URL, ROOT, Said, doctor
from todomate.demo.people import ADMIN, PEOPLE

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="no server of a database has a part in it; tested along with SQLite",
)

BROKEN = {
    "TODOMATE_ENV": "staging",
    "JWT_SIGNING_KEY": "django-insecure-" * 5,
    "ALLOWED_HOSTS": " , ",
    "DEBUG": "true",
    "DATABASE_URL": f"mysql://me:{IN_URL}@db.example.org:port/name",
    "DATABASE_REPLICA_URLS": f"mysql://me:{IN_URL}@db.example.org",
    "MAIL_URL_FILE": "/nowhere/mail_url",
    "REDIS_URL": "http://redis",
    "LOG_LEVEL": "LOUD",
    "WEB_CONCURRENCY": "0",
}


@pytest.fixture(scope="module")
def broken() -> Said:
    return doctor(**BROKEN)


def test_all_that_the_settings_refuse_is_found_in_one_run(broken: Said) -> None:
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
def test_what_is_refused_is_said_with_what_to_do(broken: Said, code: str, words: list[str]) -> None:
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
def test_each_other_variable_has_its_own_sentence(broken: Said, name: str) -> None:
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
def test_a_key_that_protects_nothing(key: str, code: str) -> None:
    said = doctor(**{name: value for name, value in (GOOD | {"SECRET_KEY": key}).items() if value})
    assert said.besides(*EXPECTED) == {code: "error"}


def test_a_file_of_secrets_is_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("change-me" * 10)
    said = doctor(**GOOD | {"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert said.besides(*EXPECTED) == {"secret-key-placeholder": "error"}


def test_the_example_shipped_as_it_is() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    said = doctor(**values | {"DATABASE_URL": GOOD["DATABASE_URL"]})
    assert {"secret-key-missing", "example-shipped"} <= said.codes.keys()
    assert "todomate.example" in said.text["example-shipped"]


def test_a_domain_that_no_request_can_have() -> None:
    said = doctor(**GOOD | {"DOMAIN": "https://todo.example.org/"})
    assert said.besides(*EXPECTED) == {"domain-not-a-name": "error"}
    assert "no https://, no port, no path" in said.text["domain-not-a-name"]


def test_a_domain_that_is_not_allowed() -> None:
    said = doctor(**GOOD | {"ALLOWED_HOSTS": "other.example.org"})
    assert said.besides(*EXPECTED) == {"host-not-allowed": "error"}
    assert "Add todo.example.org to ALLOWED_HOSTS" in said.text["host-not-allowed"]


def test_a_domain_that_is_allowed_as_one_of_many() -> None:
    assert (
        doctor(**GOOD | {"ALLOWED_HOSTS": "other.example.net, .example.org"}).besides(*EXPECTED)
        == {}
    )


def test_a_proxy_that_nobody_believes() -> None:
    said = doctor(**GOOD | {"TRUSTED_PROXIES": "0"})
    assert said.besides(*EXPECTED) == {"proxy-not-trusted": "warning"}
    assert "Set TRUSTED_PROXIES=1" in said.text["proxy-not-trusted"]


def test_a_local_server_hears_nothing_of_production() -> None:
    database = "mysql://me@db.example.invalid/todomate"  # without a certificate authority
    said = doctor(
        TODOMATE_ENV="local", DOMAIN="todomate.example", DATABASE_URL=database, DEBUG="true"
    )
    assert said.codes == {"database-host-unknown": "error"}


def test_the_demos_people_are_those_that_are_looked_for() -> None:
    assert all(person.email.endswith(DEMO) for person in (*PEOPLE, ADMIN))
