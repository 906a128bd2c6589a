"""Test the public endpoints under /api/: the root, health, the schema."""

import json
import tomllib
from pathlib import Path
from unittest import mock

import yaml
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

import todomate
from tests.base import ApiTest
from todomate.front.health import Migrations


class TestRoot(ApiTest):
    def test_it_has_version_features_and_limits_without_signing_in(self) -> None:
        body = self.ok(self.anonymous.get(""))
        assert (body["name"], body["version"], body["api"]) == (
            "TodoMate",
            todomate.__version__,
            "v1",
        )
        assert body["limits"]["todos_per_day"] == 200
        assert body["limits"]["photos_per_diary"] == 10
        assert body["limits"]["alt_characters"] == 300
        assert body["limits"]["photo_bytes"] == 10 << 20
        with self.settings(PHOTO_LIMITS={"photos": 1, "unattached": 2, "megabytes": 3}):
            limits = self.ok(self.anonymous.get(""))["limits"]
        names = ("photos", "photos_unattached", "photo_megabytes")
        assert [limits[name] for name in names] == [1, 2, 3]
        assert {"photos", "posts"} <= set(body["features"])
        assert (
            body["limits"] | {"todos_in_archive": 2_000, "goals": 200, "quick_inputs": 100}
            == body["limits"]
        )
        assert (
            body["limits"] | {"alarms": 50, "viewers": 200, "diary_characters": 20_000}
            == body["limits"]
        )
        assert "quick_inputs" in body["features"]

    def test_its_version_is_that_of_the_package(self) -> None:
        project = tomllib.loads(
            (Path(todomate.__file__).parents[1] / "pyproject.toml").read_text("utf-8")
        )
        assert todomate.__version__ == project["project"]["version"]

    def test_an_invalid_token_is_ignored(self) -> None:
        for path in ("", "health/live/", "health/ready/", "/api/schema/"):
            assert self.anonymous.get(path, HTTP_AUTHORIZATION="Bearer nonsense").status_code == 200

    def test_unknown_parameters_and_methods_are_refused(self) -> None:
        for path in ("", "health/live/", "health/ready/", "/api/schema/"):
            self.assert_field_error(
                self.anonymous.get(path, {"nonsense": "1"}), "nonsense", "unknown_parameter"
            )
            self.assert_problem(self.anonymous.post(path, {}), 405, "method_not_allowed")


class TestHealth(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        # As in a new process.
        self.enterContext(mock.patch.object(Migrations, "applied", False))

    def test_liveness_does_not_query_the_database(self) -> None:
        with self.assertNumQueries(0):
            assert self.ok(self.anonymous.get("health/live/")) == {"status": "ok"}

    def test_it_is_ready_if_the_database_answers_and_is_migrated(self) -> None:
        assert self.ok(self.anonymous.get("health/ready/")) == {"status": "ok"}
        with self.assertNumQueries(1):  # SELECT 1; the check of migrations is cached
            self.ok(self.anonymous.get("health/ready/"))

    def test_it_is_not_ready_with_a_pending_migration(self) -> None:
        (last,) = MigrationLoader(connection).graph.leaf_nodes("todos")
        MigrationRecorder(connection).record_unapplied(*last)
        self.assert_problem(self.anonymous.get("health/ready/"), 503, "busy")

    def test_it_is_not_ready_if_the_database_does_not_answer(self) -> None:
        def broken(*args: object) -> None:
            raise DatabaseError("gone")

        with connection.execute_wrapper(broken):
            self.assert_problem(self.anonymous.get("health/ready/"), 503, "busy")
            assert self.anonymous.get("health/live/").status_code == 200


class TestSchema(ApiTest):
    def test_it_is_openapi_31_in_json_or_yaml(self) -> None:
        as_json = self.anonymous.get("/api/schema/")
        assert as_json["Content-Type"] == "application/vnd.oai.openapi+json"
        document = json.loads(as_json.content)
        assert document["openapi"].startswith("3.1")
        for as_yaml in (
            self.anonymous.get("/api/schema/", {"format": "yaml"}),
            self.anonymous.get(
                "/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi;q=0.9, application/yaml"
            ),
        ):
            assert as_yaml["Content-Type"] == "application/vnd.oai.openapi"
            assert yaml.safe_load(as_yaml.content) == document

    def test_it_is_openapi_30_for_generators_that_do_not_read_31(self) -> None:
        newer = json.loads(self.anonymous.get("/api/schema/", {"version": "3.1"}).content)
        answer = self.anonymous.get("/api/schema/", {"version": "3.0"})
        older = json.loads(answer.content)
        assert (newer["openapi"][:3], older["openapi"][:3]) == ("3.1", "3.0")
        assert older["paths"].keys() == newer["paths"].keys()
        as_yaml = self.anonymous.get("/api/schema/", {"version": "3.0", "format": "yaml"})
        assert yaml.safe_load(as_yaml.content) == older
        assert answer["ETag"] != self.anonymous.get("/api/schema/")["ETag"]
        self.assert_field_error(
            self.anonymous.get("/api/schema/", {"version": "2.0"}), "version", "invalid_choice"
        )

    def test_it_is_the_same_in_every_language(self) -> None:
        korean = self.anonymous.get("/api/schema/", HTTP_ACCEPT_LANGUAGE="ko").content
        assert korean == self.anonymous.get("/api/schema/", HTTP_ACCEPT_LANGUAGE="en").content

    def test_an_unchanged_schema_is_a_304(self) -> None:
        etag = self.anonymous.get("/api/schema/")["ETag"]
        again = self.anonymous.get("/api/schema/", HTTP_IF_NONE_MATCH=etag)
        assert (again.status_code, again.content) == (304, b"")

    def test_it_describes_the_open_paths(self) -> None:
        paths = json.loads(self.anonymous.get("/api/schema/").content)["paths"]
        for path in ("/api/v1/", "/api/v1/health/live/", "/api/v1/health/ready/"):
            assert paths[path]["get"]["security"] == [], path
        assert "503" in paths["/api/v1/health/ready/"]["get"]["responses"]


class TestUnknownPaths(ApiTest):
    def test_they_are_problem_documents_with_any_method(self) -> None:
        for path in (
            "/nothing",
            "/api/",
            "/api/v2/",
            "/api/v1/nothing/",
            "/api/v1/goals",
            "/static/no",
        ):
            for method in ("get", "post", "put", "patch", "delete"):
                self.assert_problem(getattr(self.as_alice, method)(path), 404, "not_found")
