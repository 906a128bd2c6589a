"""Test DATABASE_REPLICA_URLS; without it there is no database router."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.test_settings import GOOD, LOCAL, read, refusal

PRIMARY = {"DATABASE_URL": "mysql://user:word@primary.example/todomate"}
REPLICAS = (
    "mysql://reader:secret@one.example:3307/todomate, mysql://reader:secret@two.example/todomate"
)


def test_without_replicas_there_is_one_database_and_no_router() -> None:
    read_here = read(GOOD | PRIMARY)
    assert list(read_here["DATABASES"]) == ["default"]
    assert read_here["DATABASE_ROUTERS"] == settings.DATABASE_ROUTERS == []


def test_replicas_have_the_options_of_the_primary_and_short_timeouts() -> None:
    databases = read(GOOD | PRIMARY | {"DATABASE_REPLICA_URLS": REPLICAS, "MYSQL_CA": "/ca.pem"})[
        "DATABASES"
    ]
    assert list(databases) == ["default", "replica1", "replica2"]
    one, primary = databases["replica1"], databases["default"]
    assert (one["HOST"], one["PORT"], one["USER"], one["PASSWORD"]) == (
        "one.example",
        3307,
        "reader",
        "secret",
    )
    assert one["ENGINE"] == primary["ENGINE"]
    assert one["OPTIONS"].items() >= primary["OPTIONS"].items()
    assert one["OPTIONS"]["ssl_mode"] == "VERIFY_IDENTITY"
    assert "connect_timeout" in one["OPTIONS"]
    assert "connect_timeout" not in primary["OPTIONS"]


@pytest.mark.parametrize(
    "environment",
    [
        PRIMARY | {"DATABASE_REPLICA_URLS": "sqlite:///replica.sqlite3"},
        PRIMARY | {"DATABASE_REPLICA_URLS": "mysql://reader:secret@host:port/name"},
        PRIMARY | {"DATABASE_REPLICA_URLS": f"{REPLICAS},mysql://reader:secret@host"},
        {"DATABASE_URL": "sqlite:///primary.sqlite3", "DATABASE_REPLICA_URLS": REPLICAS},
    ],
)
def test_an_invalid_replica_is_refused_without_showing_its_password(
    environment: dict[str, str],
) -> None:
    sentence = refusal(LOCAL | environment)
    assert sentence.startswith("DATABASE_REPLICA_URLS ")
    assert "secret" not in sentence


def test_a_lag_that_cannot_be_measured_is_refused() -> None:
    assert refusal(LOCAL | {"DATABASE_REPLICA_MAX_LAG": "1"}).startswith(
        "DATABASE_REPLICA_MAX_LAG "
    )
