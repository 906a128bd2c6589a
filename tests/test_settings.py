"""Settings are read from the environment; an invalid value stops the start with one sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[1]
READERS = (
    *("text", "page", "secret", "secrets", "word", "words", "flag", "whole_number", "url"),
    "origins",
    "database",
)
GOOD = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "todomate.example"}
LOCAL = {"TODOMATE_ENV": "local"}


def read(environment: dict[str, str]) -> dict[str, Any]:
    """Execute settings.py with this environment alone and return its namespace."""
    path = ROOT / "todomate" / "settings.py"
    with mock.patch.dict(os.environ, environment, clear=True):
        settings: dict[str, Any] = {"__file__": str(path), "__name__": "settings_under_test"}
        exec(compile(path.read_text("utf-8"), str(path), "exec"), settings)  # noqa: S102  # a file of this checkout
    return settings


def refusal(environment: dict[str, str]) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read(environment)
    return str(caught.value)


BAD = [
    (LOCAL | {"TODOMATE_ENV": "staging"}, "TODOMATE_ENV"),
    (LOCAL | {"DEBUG": "maybe"}, "DEBUG"),
    (LOCAL | {"RATE_LIMITS": "2"}, "RATE_LIMITS"),
    (LOCAL | {"QUOTAS": "writes=10"}, "QUOTAS"),
    (LOCAL | {"QUOTAS": "writes=10/0"}, "QUOTAS"),
    (LOCAL | {"QUOTAS": "writers=10/60"}, "QUOTAS"),
    (LOCAL | {"ROW_LIMITS": "todos"}, "ROW_LIMITS"),
    (LOCAL | {"ROW_LIMITS": "todo=10"}, "ROW_LIMITS"),
    (LOCAL | {"ROW_LIMITS": "todos=-1"}, "ROW_LIMITS"),
    (LOCAL | {"SECRET_KEY": "short"}, "SECRET_KEY"),
    (LOCAL | {"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "oracle://host/name"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "postgres://user:secret@host"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "postgres:///name"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "postgres://user:secret@host/name?sslmode=REQUIRED"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "postgres://user:12/34@host/name"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://user:secret@host:port/name"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://user:secret@host"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql:///name"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://user:secret@host/name?ssl-mode=REQUIRED"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://user:secret@host/name?sslmode=require"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://user:secret@host/name?ssl_mode=require"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://host/name?secret@host"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "sqlite:///name?mode=ro"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "sqlite://folder/name"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://user:12/34@host/name"}, "DATABASE_URL"),
    (LOCAL | {"DATABASE_URL": "mysql://user:secret@host/name#1"}, "DATABASE_URL"),
    (LOCAL | {"REDIS_URL": "10.0.0.5:6379"}, "REDIS_URL"),
    (LOCAL | {"REDIS_URL": "redis"}, "REDIS_URL"),
    (LOCAL | {"CONN_MAX_AGE": "-1"}, "CONN_MAX_AGE"),
    (LOCAL | {"TRUSTED_PROXIES": "6"}, "TRUSTED_PROXIES"),
    (LOCAL | {"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES"),
    (LOCAL | {"TOMBSTONE_DAYS": "0"}, "TOMBSTONE_DAYS"),
    (LOCAL | {"MAIL_URL": "mail.example"}, "MAIL_URL"),
    (LOCAL | {"MAIL_URL": "smtp://user:secret@host:port"}, "MAIL_URL"),
    (LOCAL | {"PASSWORD_RESET_URL": "https://app.example/reset"}, "PASSWORD_RESET_URL"),
    (GOOD | {"SIGN_UP_CONFIRM_URL": "https://app.example/?t={tokn}"}, "SIGN_UP_CONFIRM_URL"),
    (GOOD | {"SIGN_UP": "friends"}, "SIGN_UP"),
    (GOOD | {"INVITATION_URL": "https://app.example/signup"}, "INVITATION_URL"),
    (GOOD | {"EMAIL_CONFIRM_URL": "https://app.example/?t=token"}, "EMAIL_CONFIRM_URL"),
    (LOCAL | {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
    (LOCAL | {"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
    (GOOD | {"SECRET_KEY": ""}, "SECRET_KEY"),
    (GOOD | {"SECRET_KEY": "local-only-" * 5}, "SECRET_KEY"),
    (GOOD | {"SECRET_KEY": "change-me" * 10}, "SECRET_KEY"),
    (GOOD | {"SECRET_KEY": "django-insecure-" * 5}, "SECRET_KEY"),
    (LOCAL | {"JWT_SIGNING_KEY": "x"}, "JWT_SIGNING_KEY"),
    (GOOD | {"JWT_SIGNING_KEY": "x"}, "JWT_SIGNING_KEY"),
    (GOOD | {"JWT_SIGNING_KEY": "change-me" * 10}, "JWT_SIGNING_KEY"),
    (GOOD | {"SECRET_KEY_FALLBACKS": "x"}, "SECRET_KEY_FALLBACKS"),
    (GOOD | {"JWT_VERIFYING_KEYS": "x"}, "JWT_VERIFYING_KEYS"),
    (GOOD | {"JWT_VERIFYING_KEYS": f"{'j' * 50},short"}, "JWT_VERIFYING_KEYS"),
    (GOOD | {"JWT_VERIFYING_KEYS": "change-me" * 10}, "JWT_VERIFYING_KEYS"),
    (GOOD | {"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS"),
    (GOOD | {"DEBUG": "true"}, "DEBUG"),
    (GOOD | {"HSTS_SECONDS": "long"}, "HSTS_SECONDS"),
    ({}, "SECRET_KEY"),
]


@pytest.mark.parametrize(
    ("environment", "name"), BAD, ids=[f"{name}-{number}" for number, (_, name) in enumerate(BAD)]
)
def test_an_invalid_value_is_refused_with_one_sentence(
    environment: dict[str, str], name: str
) -> None:
    sentence = refusal(environment)
    assert sentence.startswith(f"{name} "), sentence
    assert sentence.endswith(" See .env.example.")
    assert "\n" not in sentence
    assert "secret@" not in sentence  # a password must not reach the log


def test_a_local_server_needs_no_variable_and_a_production_server_two() -> None:
    assert read(LOCAL)["LOCAL"] is True
    settings = read(GOOD)
    assert (settings["LOCAL"], settings["DEBUG"]) == (False, False)
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0


def test_tokens_are_signed_with_jwt_signing_key_or_else_the_secret_key() -> None:
    assert read(GOOD)["SIMPLE_JWT"]["SIGNING_KEY"] == GOOD["SECRET_KEY"]
    assert read(GOOD | {"JWT_SIGNING_KEY": "j" * 50})["SIMPLE_JWT"]["SIGNING_KEY"] == "j" * 50


def test_further_keys_are_separated_by_commas() -> None:
    assert read(GOOD)["JWT_VERIFYING_KEYS"] == []
    keys = ["j" * 50, "k" * 60]
    assert read(GOOD | {"JWT_VERIFYING_KEYS": ", ".join(keys)})["JWT_VERIFYING_KEYS"] == keys


def test_a_value_can_be_read_from_a_file_without_its_final_newline(tmp_path: Path) -> None:
    files = {
        "SECRET_KEY": "f" * 60,
        "DATABASE_URL": "mysql://user:pass%40word@db.example:3307/todomate",
    }
    for name, value in files.items():
        (tmp_path / name).write_text(f"{value}\n")
    settings = read(
        GOOD | {"SECRET_KEY": "k"} | {f"{name}_FILE": str(tmp_path / name) for name in files}
    )
    assert settings["SECRET_KEY"] == "f" * 60
    database = settings["DATABASES"]["default"]
    assert (database["NAME"], database["PASSWORD"], database["PORT"]) == (
        "todomate",
        "pass@word",
        3307,
    )


def test_an_empty_variable_counts_as_unset() -> None:
    assert read(LOCAL | {"MYSQL_CA": "", "LOG_LEVEL": " ", "DEBUG": ""})["DEBUG"] is False


def test_the_forwarded_scheme_is_trusted_behind_a_proxy_only() -> None:
    assert read(GOOD)["SECURE_PROXY_SSL_HEADER"] is None
    assert read(GOOD | {"TRUSTED_PROXIES": "1"})["SECURE_PROXY_SSL_HEADER"] == (
        "HTTP_X_FORWARDED_PROTO",
        "https",
    )


def test_a_mail_password_may_contain_any_character() -> None:
    options = read(GOOD | {"MAIL_URL": "smtps://me%40host:p%2Fw@mail.example"})["MAILERS"][
        "default"
    ]["OPTIONS"]
    assert (options["username"], options["password"], options["port"]) == ("me@host", "p/w", 465)


def test_a_certificate_authority_makes_mysql_verify_the_host_name() -> None:
    url = "mysql://user:word@db.example/todomate"
    options = read(GOOD | {"DATABASE_URL": url, "MYSQL_CA": "/ca.pem"})["DATABASES"]["default"][
        "OPTIONS"
    ]
    assert (options["ssl_mode"], options["ssl"]) == ("VERIFY_IDENTITY", {"ca": "/ca.pem"})


def test_an_encryption_option_in_the_url_is_refused_and_mysql_ca_named() -> None:
    message = refusal(GOOD | {"DATABASE_URL": "mysql://db.example/todomate?sslmode=require"})
    assert "encryption is set up by MYSQL_CA or POSTGRES_CA" in message


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_named_by_a_url_as_its_own_programs_take_it(scheme: str) -> None:
    url = f"{scheme}://user:p%40ss@db.example:5433/todomate?sslmode=require"
    database = read(GOOD | {"DATABASE_URL": url})["DATABASES"]["default"]
    assert database["ENGINE"] == "core.postgres"
    assert (database["USER"], database["PASSWORD"]) == ("user", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db.example", 5433)
    assert database["NAME"] == "todomate"
    assert database["OPTIONS"]["sslmode"] == "require"
    assert "lock_timeout=2s" in database["OPTIONS"]["options"]
    socket = read(GOOD | {"DATABASE_URL": f"{scheme}:///todomate?host=/run/postgresql"})
    assert socket["DATABASES"]["default"]["HOST"] == "/run/postgresql"
    assert "host" not in socket["DATABASES"]["default"]["OPTIONS"]


def test_a_certificate_authority_makes_postgresql_verify_the_host_name() -> None:
    url = "postgres://user:word@db.example/todomate?sslmode=disable"
    settings = read(GOOD | {"DATABASE_URL": url, "POSTGRES_CA": "/ca.pem"})
    options = settings["DATABASES"]["default"]["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/ca.pem")


def test_replicas_are_for_mysql() -> None:
    url = "postgres://user:word@db.example/todomate"
    message = refusal(GOOD | {"DATABASE_URL": url, "DATABASE_REPLICA_URLS": url})
    assert "DATABASE_REPLICA_URLS must name replicas at mysql://" in message


def test_redis_is_optional_and_its_values_are_stored_as_json() -> None:
    assert read(GOOD)["REDIS_URL"] == read(GOOD | {"REDIS_URL": " "})["REDIS_URL"] == ""
    options = read(GOOD | {"REDIS_URL": "redis://10.0.0.5:6379/0"})["CACHES"]["default"]["OPTIONS"]
    assert options["serializer"] == "todomate.sessions.Json"


@pytest.mark.parametrize(
    "command", [["manage.py", "check"], ["-m", "gunicorn", "--bind", "127.0.0.1:0"]]
)
def test_a_command_prints_the_sentence_without_a_traceback(command: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], "SECRET_KEY": "short"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("SECRET_KEY must be a secret of 50 characters")


def test_the_example_lists_every_variable_with_a_comment_and_no_usable_secret() -> None:
    packages = ("core", "operations", "todomate")
    files = [
        ROOT / "gunicorn.conf.py",
        *(file for name in packages for file in (ROOT / name).rglob("*.py")),
    ]
    code = "".join(file.read_text("utf-8") for file in files)
    names = set(re.findall(rf"\b(?:{'|'.join(READERS)})\(\"([A-Z_]+)\"", code))
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    listed = [match[1] for line in lines if (match := re.match(r"#?([A-Z_]+)=", line))]
    assert sorted(listed) == sorted(names)
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z_]+=", line) and not re.match(r"#?[A-Z_]+=", lines[number - 1]):
            assert lines[number - 1].startswith("# "), line
    values = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert refusal(values).startswith("SECRET_KEY ")


def test_quotas_and_row_limits_that_are_not_named_stay_as_they_are() -> None:
    default, settings = read(LOCAL), read(LOCAL | {"QUOTAS": "reads=9/60, writes=0/1"})
    assert settings["QUOTAS"] == default["QUOTAS"] | {"reads": (9, 60), "writes": (0, 1)}
    settings = read(LOCAL | {"ROW_LIMITS": "todos=9"})
    assert settings["ROW_LIMITS"] == default["ROW_LIMITS"] | {"todos": 9}
