"""Test ETags, slashes, /.well-known/ and the announcement of removals."""

from __future__ import annotations

import gzip
import os
from datetime import date
from pathlib import Path
from unittest import mock

import pytest
from django.test import Client, SimpleTestCase, override_settings
from drf_spectacular.generators import SchemaGenerator

from core.deprecation import Deprecation
from goals.views import GoalViewSet
from operations.doctor import browsers
from tests.base import ApiTest, new_id
from tests.contract import breaking_changes
from todomate.front.views import RootView


class TestETags(ApiTest):
    def test_the_root_and_the_schema_have_a_strong_etag_and_answer_304(self) -> None:
        for path in ("/api/v1/", "/api/schema/", "/api/schema/?format=yaml"):
            with self.subTest(path):
                first = self.anonymous.get(path)
                etag = first["ETag"]
                assert etag.startswith('"')
                for value in (etag, f"W/{etag}", f'"other", {etag}', "*"):
                    again = self.anonymous.get(path, HTTP_IF_NONE_MATCH=value)
                    assert (again.status_code, again.content) == (304, b"")
                    assert again["ETag"] == etag
                    assert again["Cache-Control"] == "no-cache"
                    assert "Content-Length" not in again
                changed = self.anonymous.get(path, HTTP_IF_NONE_MATCH='"other"')
                assert (changed.status_code, changed.content) == (200, first.content)

    def test_other_conditions_are_not_looked_at(self) -> None:
        conditions = {"HTTP_IF_MATCH": '"other"', "HTTP_IF_UNMODIFIED_SINCE": "Thu, 01 Jan 1970"}
        for path in ("/api/v1/", "/api/schema/", "/api/schema/?format=yaml"):
            answer = self.anonymous.get(path, **conditions)
            assert (answer.status_code, answer["ETag"]) == (200, self.anonymous.get(path)["ETag"])

    def test_the_schema_is_sent_in_gzip_to_those_who_take_it(self) -> None:
        for path in ("/api/schema/", "/api/schema/?format=yaml", "/api/schema/?version=3.0"):
            plain = self.anonymous.get(path)
            packed = self.anonymous.get(path, HTTP_ACCEPT_ENCODING="br, gzip;q=0.8")
            assert "Content-Encoding" not in plain
            assert packed["Content-Encoding"] == "gzip"
            assert gzip.decompress(packed.content) == plain.content
            assert len(packed.content) < len(plain.content) / 8
            assert packed["Content-Length"] == str(len(packed.content))
            assert packed["ETag"] != plain["ETag"]
            for answer in (plain, packed):
                assert {"Accept", "Accept-Encoding"} <= set(answer["Vary"].split(", "))

    def test_an_etag_is_that_of_one_encoding(self) -> None:
        packed = {"HTTP_ACCEPT_ENCODING": "gzip"}
        etag = self.anonymous.get("/api/schema/", **packed)["ETag"]
        same = self.anonymous.get("/api/schema/", HTTP_IF_NONE_MATCH=etag, **packed)
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)
        assert "Accept-Encoding" in same["Vary"]
        assert self.anonymous.get("/api/schema/", HTTP_IF_NONE_MATCH=etag).status_code == 200

    def test_gzip_is_not_sent_to_those_who_refuse_it_or_do_not_name_it(self) -> None:
        for value in ("", "identity", "br", "gzip;q=0", "gzip; q=0.000, br", "*", "gzipped"):
            answer = self.anonymous.get("/api/schema/", HTTP_ACCEPT_ENCODING=value)
            assert "Content-Encoding" not in answer, value

    def test_json_and_yaml_have_different_etags(self) -> None:
        forms = ("json", "yaml")
        etags = {self.anonymous.get(f"/api/schema/?format={form}")["ETag"] for form in forms}
        assert len(etags) == 2


class TestSlashes(ApiTest):
    def test_a_path_without_its_slash_names_the_right_one(self) -> None:
        item = f"/api/v1/goals/{new_id()}"
        ours = ("/api/v1/goals", "/api/v1/days/today", "/api/schema", "/api/v1", "/demo/reset")
        for path in (*ours, item, "/admin"):
            for method in ("get", "post", "patch"):
                with self.subTest(path=path, method=method):
                    answer = getattr(self.anonymous, method)(path)
                    problem = self.assert_problem(answer, 404, "not_found")
                    assert problem["detail"] == f"This path ends with a slash: {path}/"
                    assert problem["path"] == f"{path}/"

    def test_it_says_so_in_korean(self) -> None:
        answer = self.anonymous.get("/api/v1/goals", HTTP_ACCEPT_LANGUAGE="ko")
        assert answer.json()["detail"] == "이 경로는 슬래시로 끝납니다: /api/v1/goals/"

    def test_other_paths_that_do_not_exist_say_no_more(self) -> None:
        gone = f"/api/v1/goals/{new_id()}/"
        others = ("/api/v1/nothing", "/api/v1/goals/x", "/api/v1/goals//", "/api/v2", "/admins")
        for path in (*others, gone):
            with self.subTest(path):
                problem = self.assert_problem(self.as_alice.get(path), 404, "not_found")
                assert problem["detail"] == "This does not exist, or you cannot see it."
                assert "path" not in problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "well-known").mkdir()
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "well-known"


def get(folder: Path, name: str) -> tuple[int, str, bytes]:
    with override_settings(WELL_KNOWN_DIR=str(folder)):
        answer = Client().get(f"/.well-known/{name}")
    return answer.status_code, answer["Content-Type"], answer.content


class TestWellKnown:
    def test_the_files_of_the_folder_are_served_with_their_types(self, folder: Path) -> None:
        for name, kind in (
            ("apple-app-site-association", "application/json"),
            ("assetlinks.json", "application/json"),
            ("security.txt", "text/plain; charset=utf-8"),
        ):
            assert get(folder, name)[0] == 404
            (folder / name).write_bytes(b"[]")
            assert get(folder, name) == (200, kind, b"[]")

    def test_a_file_that_the_client_holds_is_not_sent_again(self, folder: Path) -> None:
        (folder / "assetlinks.json").write_bytes(b"[]")
        path = "/.well-known/assetlinks.json"
        with override_settings(WELL_KNOWN_DIR=str(folder)):
            first = Client().get(path)
            again = Client().get(path, HTTP_IF_NONE_MATCH=first["ETag"])
            other = Client().get(path, HTTP_IF_MATCH='"other"')
        assert (again.status_code, again.content) == (304, b"")
        assert (other.status_code, other.content) == (200, b"[]")

    def test_nothing_else_is_served(self, folder: Path) -> None:
        (folder / "other.json").write_text("{}")
        names = ("other.json", "", "../secret", "..%2Fsecret", "%2e%2e/secret", "security.txt/")
        for name in names:
            status, kind, _ = get(folder, name)
            assert (status, kind) == (404, "application/problem+json"), name

    def test_a_large_file_and_what_is_no_file_are_not_served(self, folder: Path) -> None:
        (folder / "security.txt").write_bytes(b"x" * (128 * 1024 + 1))
        os.mkfifo(folder / "assetlinks.json")
        (folder / "apple-app-site-association").mkdir()
        for name in ("security.txt", "assetlinks.json", "apple-app-site-association"):
            assert get(folder, name)[0] == 404

    def test_the_doctor_names_files_that_their_readers_refuse(self, folder: Path) -> None:
        (folder / "assetlinks.json").write_text("{")
        (folder / "security.txt").write_text("Contact: a@b.c\nExpires: 2020-01-01T00:00:00Z\n")
        with override_settings(WELL_KNOWN_DIR=str(folder)):
            found = [finding.message for finding in browsers.examine()]
        assert found == [
            "assetlinks.json in WELL_KNOWN_DIR is not JSON.",
            "security.txt in WELL_KNOWN_DIR has expired; its Expires: is in the past.",
        ]

    def test_the_doctor_accepts_good_files_and_names_a_missing_folder(self, folder: Path) -> None:
        (folder / "assetlinks.json").write_text("[]")
        (folder / "security.txt").write_text("Contact: a@b.c\nExpires: 2999-01-01T00:00:00Z\n")
        with override_settings(WELL_KNOWN_DIR=str(folder)):
            assert list(browsers.examine()) == []
        with override_settings(WELL_KNOWN_DIR=str(folder / "no")):
            assert [finding.code for finding in browsers.examine()] == ["well-known-missing"]

    def test_the_doctor_warns_of_an_origin_without_encryption(self) -> None:
        allowed = ["http://app.example.org", "http://localhost:3000", "https://app.example.org"]
        with override_settings(CORS_ALLOWED_ORIGINS=allowed):
            assert [finding.code for finding in browsers.examine()] == ["origin-not-encrypted"]


class TestChangePassword(SimpleTestCase):
    def test_it_redirects_to_the_page_of_the_app(self) -> None:
        with override_settings(CHANGE_PASSWORD_URL="https://app.example.org/password"):
            answer = Client().get("/.well-known/change-password")
            assert (answer.status_code, answer["Location"]) == (
                302,
                "https://app.example.org/password",
            )
            assert Client().post("/.well-known/change-password").status_code == 405

    def test_without_such_a_page_there_is_nothing(self) -> None:
        assert Client().get("/.well-known/change-password").status_code == 404


class TestDeprecation(ApiTest):
    OLD = Deprecation(date(2026, 1, 1), date(2026, 7, 3), "Use `list_todos`.")

    def test_every_answer_of_the_operation_announces_it(self) -> None:
        with mock.patch.object(GoalViewSet, "deprecations", {"list": self.OLD}):
            for answer in (self.as_alice.get("goals/"), self.anonymous.get("goals/")):
                assert answer["Deprecation"] == "@1767225600"
                assert answer["Sunset"] == "Fri, 03 Jul 2026 00:00:00 GMT"
            assert "Deprecation" not in self.as_alice.post("goals/", {"title": "x"})
        assert "Deprecation" not in self.as_alice.get("goals/")

    def test_a_view_without_actions_announces_it_for_head_too(self) -> None:
        with mock.patch.object(RootView, "deprecations", {"get": self.OLD}):
            for answer in (self.anonymous.get("/api/v1/"), self.anonymous.head("/api/v1/")):
                assert answer["Deprecation"] == "@1767225600"

    def test_the_schema_says_what_to_use_in_its_place(self) -> None:
        with mock.patch.object(GoalViewSet, "deprecations", {"list": self.OLD}):
            schema = SchemaGenerator().get_schema(request=None, public=True)
        operations = schema["paths"]["/api/v1/goals/"]
        assert operations["get"]["deprecated"] is True
        expected = "Deprecated since 2026-01-01; removed on 2026-07-03 or later. Use `list_todos`."
        assert operations["get"]["description"].endswith(expected)
        assert operations["get"]["x-sunset"] == "2026-07-03"
        assert "deprecated" not in operations["post"]

    def test_only_an_operation_whose_day_has_come_may_be_removed(self) -> None:
        for sunset, found in (("2026-01-01", []), ("2999-01-01", ["GET /x/ was removed"])):
            old = {"paths": {"/x/": {"get": {"operationId": "x", "x-sunset": sunset}}}}
            assert list(breaking_changes(old, {"paths": {}})) == found
        old["paths"]["/x/"]["get"].pop("x-sunset")
        assert list(breaking_changes(old, {"paths": {}})) == ["GET /x/ was removed"]

    def test_a_removal_is_announced_half_a_year_ahead(self) -> None:
        with pytest.raises(ValueError, match="half a year"):
            Deprecation(date(2026, 1, 1), date(2026, 6, 1), "Use something else.")
