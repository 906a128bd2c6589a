"""Test the findings about settings: all in one run, even if the settings cannot be loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

from operations.doctor import variables
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


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DOMIAN", "DOMAIN"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("SECRET_KEY_FIEL", "SECRET_KEY_FILE"),
        ("DJANGO_SECRET_KEY", "SECRET_KEY"),
        ("TODOMATE_MAIL_URL", "MAIL_URL"),
        ("hsts_seconds", "HSTS_SECONDS"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("MAIL_FORM", "MAIL_FROM"),
        ("RATE_LIMIT", "RATE_LIMITS"),
        ("BACKUP_KEEP_DAY", "BACKUP_KEEP_DAYS"),
        ("WEB_CONCURENCY", "WEB_CONCURRENCY"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_one_that_is_meant(name: str, meant: str) -> None:
    (finding,) = [one for one in variables.examine([name]) if one.message.startswith(f"{name} ")]
    assert (finding.code, finding.level) == ("variable-misspelt", "warning")
    assert f"If {meant} is meant" in finding.hint


def test_a_misspelt_variable_of_the_environment_or_of_env_is_found() -> None:
    report = doctor("--dotenv", "DOMAIN MAIL_FORM", **VALID_ENV | {"TRUSTED_PROXY": "1"})
    assert report.codes_except(*EXPECTED) == {"variable-misspelt": "warning"}
    for name in ("MAIL_FORM", "TRUSTED_PROXY"):
        assert f"{name} is no variable of this server" in report.text["variable-misspelt"]


def test_other_variables_are_not_mentioned() -> None:
    """Those of a shell, of Docker, of Compose and of AWS"""
    names = (
        "HOME HOSTNAME HOST MAIL USER LOGNAME PATH PWD LANG LC_ALL TERM SHELL TZ DISPLAY EDITOR"
        " DOMAINNAME PYTHONUNBUFFERED PYTHONPATH VIRTUAL_ENV GUNICORN_CMD_ARGS AWS_REGION"
        " AWS_SECRET_ACCESS_KEY MYSQL_ROOT_PASSWORD COMPOSE_FILE TODOMATE_IMAGE HTTP_PROXY"
        " NO_PROXY HTTPS_PORT PORT CI SSH_AUTH_SOCK DEBUGINFOD_URLS LOGLEVEL_OF_ANOTHER"
    )
    given = set(names.split())
    assert [one for one in variables.examine(given) if one.message.split()[0] in given] == []


def test_the_known_variables_are_those_of_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    assert set(variables.KNOWN) == set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE))


@pytest.mark.parametrize(
    "host",
    [
        "https://todo.example.org",
        "todo.example.org:8443",
        "todo.example.org/",
        "todo_example",
        "me@todo.example.org",
        "[::1]:80",
        ".example.org:443",
        "*.example.org",
    ],
)
def test_a_host_with_a_port_or_a_scheme(host: str) -> None:
    report = doctor(**VALID_ENV | {"ALLOWED_HOSTS": f"todo.example.org, {host}"})
    assert report.codes_except(*EXPECTED) == {"host-not-a-name": "error"}
    assert repr(host) in report.text["host-not-a-name"]
    assert "no https://, no port" in report.text["host-not-a-name"]


def test_hosts_that_are_names() -> None:
    hosts = "todo.example.org, .example.net, 10.0.0.7, [::1], localhost, TODO.example.org"
    assert doctor(**VALID_ENV | {"ALLOWED_HOSTS": hosts}).codes_except(*EXPECTED) == {}


@pytest.mark.parametrize("origin", ["todo.example.org", "https://todo.example.org/", "//x", "a:b"])
def test_an_origin_without_a_scheme_or_with_a_path(origin: str) -> None:
    report = doctor(**VALID_ENV | {"CSRF_TRUSTED_ORIGINS": f"https://x.example, {origin}"})
    assert report.codes_except(*EXPECTED) == {"origin-not-an-origin": "error"}
    assert repr(origin) in report.text["origin-not-an-origin"]
