"""Pictures by a real nginx: the server says who may see one, nginx sends the bytes."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from photos.links import make
from tests.base import new_id
from tests.delivery.nginx import needs_nginx, running_nginx
from tests.front.browser import in_browser
from tests.server import ROOT, running_server
from todomate.demo.people import JUNE, MINA, PASSWORD, SignIn
from todomate.demo.photos import files_of

LARGE, SMALL = files_of("river")
TYPE = "image/webp"
APP, FOREIGN = "https://app.example.com", "https://foreign.example.com"


@dataclass
class Site:
    """The server with its demo behind nginx."""

    address: str
    web: str
    folder: Path
    photos: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, who: SignIn | None = None, **more: Any) -> Any:
        url = path if path.startswith("http") else f"{self.address}/api/v1/{path}"
        # A server with the settings of development does not know that nginx has TLS.
        url = url.replace(self.address.replace("https", "http"), self.address)
        headers = dict(more.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.token(who)}"
        with httpx.Client(verify=False) as client:  # noqa: S501  # our own authority
            return client.request(method, url, headers=headers, **more)

    def token(self, who: SignIn) -> str:
        if who.email not in self.tokens:
            body = {"email": who.email, "password": PASSWORD, "device": "test"}
            answer = self.send("POST", "auth/token/", json=body)
            self.tokens[who.email] = answer.json()["access"]
        return self.tokens[who.email]

    def person(self, who: SignIn) -> int:
        """Return the key of a person."""
        with closing(sqlite3.connect(self.folder / "server.sqlite3")) as database:
            rows = database.execute("SELECT id FROM accounts_user WHERE email = ?", [who.email])
            return int(rows.fetchone()[0])

    def activate(self, who: SignIn, is_active: bool) -> None:
        """Let an operator deactivate a person, or undo it."""
        with (
            closing(sqlite3.connect(self.folder / "server.sqlite3", timeout=10)) as database,
            database,
        ):
            database.execute(
                "UPDATE accounts_user SET is_active = ? WHERE email = ?", [is_active, who.email]
            )

    def diary(self, who: SignIn) -> dict[str, Any]:
        """Return Mina's diary with a photo as this person sees it."""
        owner = self.send("GET", "me/", MINA).json()["id"]
        listed = self.send("GET", f"diaries/?owner={owner}", who).json()["results"]
        return next(dict(row) for row in listed if row["photos"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    photos = folder / "photos"
    settings = {"PHOTO_URL": photos.as_uri(), "PHOTO_ACCEL": "true", "TRUSTED_PROXIES": "1"}
    settings["CORS_ALLOWED_ORIGINS"] = APP
    with django_db_blocker.unblock(), running_server(folder, **settings) as web:
        database = {"DATABASE_URL": f"sqlite:///{folder / 'server.sqlite3'}"}
        env = os.environ | {"TODOMATE_ENV": "local"} | settings | database
        command = [sys.executable, "manage.py", "demo"]
        subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
        with running_nginx(folder, web.removeprefix("http://"), photos) as address:
            yield Site(address, web, folder, photos)


@needs_nginx
def test_nginx_sends_what_the_server_names_with_the_headers_that_browsers_need(site: Site) -> None:
    photo = site.diary(JUNE)["photos"][0]
    place = f"{site.address}/api/v1/pictures/diaries/".removeprefix("https")
    assert photo["url"].removeprefix("http").startswith(place)
    for name, data in (("url", LARGE), ("small_url", SMALL)):
        answer = site.send("GET", photo[name])
        assert (answer.status_code, answer.content) == (200, data)
        assert answer.headers["content-type"] == TYPE
        assert answer.headers["cache-control"] == "private, max-age=3600"
        assert answer.headers["content-disposition"] == "inline"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "max-age" in answer.headers["strict-transport-security"]
        assert "x-accel-redirect" not in answer.headers
        assert "set-cookie" not in answer.headers
    # Without nginx the server has only named it.
    behind = photo["url"].replace(site.address.replace("https", "http"), site.web)
    named = site.send("GET", behind, headers={"X-Forwarded-Proto": "https"})
    assert named.content == b""
    assert named.headers["x-accel-redirect"].startswith("/.photos/")


@needs_nginx
def test_a_web_app_of_an_allowed_origin_may_read_a_picture(site: Site) -> None:
    for url in (
        site.diary(JUNE)["photos"][0]["url"],
        site.send("GET", "me/", JUNE).json()["avatar"]["url"],
    ):
        for origin, allowed in ((APP, [APP]), (FOREIGN, []), (None, [])):
            headers = {"Origin": origin} if origin else {}
            answer = site.send("GET", url, headers=headers)
            assert answer.status_code == 200
            assert answer.headers.get_list("access-control-allow-origin") == allowed
            assert answer.headers.get_list("vary") == ["Origin"]
            assert answer.headers["x-content-type-options"] == "nosniff"


@needs_nginx
def test_the_log_has_the_path_that_was_asked_for_and_not_the_file(site: Site) -> None:
    url = site.diary(JUNE)["photos"][0]["url"]
    path, _, secret = url.partition("?")
    path = path[path.index("/api/") :]
    site.send("GET", url)
    site.send("GET", f"{site.address}/.photos/")  # a problem of nginx itself
    lines = [json.loads(line) for line in (site.folder / "access.log").read_text().splitlines()]
    assert [line["path"] for line in lines[-2:]] == [path, "/.photos/"]
    assert [line["status"] for line in lines[-2:]] == [200, 404]
    assert secret not in str(lines)
    assert not [line for line in lines if line["path"].endswith("-large.webp")]


@needs_nginx
def test_head_range_and_conditions(site: Site) -> None:
    url = site.diary(JUNE)["photos"][0]["url"]
    head = site.send("HEAD", url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(LARGE))
    tag = head.headers["etag"]
    assert site.send("GET", url, headers={"If-None-Match": tag}).status_code == 304
    part = site.send("GET", url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, LARGE[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(LARGE)}"
    rest = site.send("GET", url, headers={"Range": "bytes=-50", "If-Range": tag})
    assert (rest.status_code, rest.content) == (206, LARGE[-50:])


@needs_nginx
def test_nobody_gets_a_file_without_the_server(site: Site) -> None:
    name = next(site.photos.glob("*/*-large.webp"))
    for path in (
        f"/.photos/{name.parent.name}/{name.name}",
        "/.photos/",
        "/.photo-store",
        f"/.photos/..%2f{name.parent.name}/{name.name}",
        "/photos/",
    ):
        answer = site.send("GET", f"{site.address}{path}")
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "not_found"
    url = site.diary(JUNE)["photos"][0]["url"]
    for forged in ({"X-Accel-Redirect": "/.photos/"}, {"X-Photo-Url": "http://127.0.0.1/"}):
        assert site.send("GET", url, headers=forged).content == LARGE


@needs_nginx
def test_the_rule_is_asked_at_each_fetch(site: Site) -> None:
    diary = site.diary(JUNE)
    path, url = f"diaries/{diary['id']}/", diary["photos"][0]["url"]
    assert site.send("GET", url).status_code == 200
    for forged in (
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        url.replace("large", "small"),
        url.partition("?")[0],
    ):
        answer = site.send("GET", forged)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    me = site.send("GET", "me/", MINA).json()["id"]
    for change, back in (
        (
            ("PATCH", path, MINA, {"visibility": "private"}),
            ("PATCH", path, MINA, {"visibility": diary["visibility"]}),
        ),
        (("PATCH", path, MINA, {"is_draft": True}), ("PATCH", path, MINA, {"is_draft": False})),
        (("PUT", f"users/{me}/block/", JUNE, None), ("DELETE", f"users/{me}/block/", JUNE, None)),
    ):
        for (method, where, who, body), status in ((change, 404), (back, 200)):
            done = site.send(method, where, who, **({"json": body} if body else {}))
            assert done.status_code < 300, done.text
            if who is JUNE and status == 200:  # a block ends the follow
                continue
            answer = site.send("GET", url)
            assert answer.status_code == status, (where, body)


@needs_nginx
def test_what_else_ends_a_link_ends_it_at_the_next_fetch(site: Site) -> None:
    me = site.send("GET", "me/", MINA).json()["id"]
    follow = f"users/{me}/follow/"
    assert site.send("PUT", follow, JUNE).status_code in {200, 201}
    path = f"diaries/{site.diary(MINA)['id']}/"

    def change(method: str, where: str, who: SignIn, body: Any = None) -> None:
        done = site.send(method, where, who, **({} if body is None else {"json": body}))
        assert done.status_code < 300, done.text

    def status_of(url: str) -> int:
        answer = site.send("GET", url)
        assert answer.status_code == 200 or answer.json()["code"] == "not_found"
        return int(answer.status_code)

    before = site.send("GET", path, MINA).json()["visibility"]
    change("PATCH", path, MINA, {"visibility": "followers"})
    first, second = site.send("GET", path, JUNE).json()["photos"]
    url = first["url"]
    assert status_of(url) == status_of(second["url"]) == 200

    # It has ended: the link of the quarter before the last one.
    base, _, link = url.partition("?link=")
    viewer = site.person(JUNE)
    photo, quarter = UUID(first["id"]), int.from_bytes(base64.urlsafe_b64decode(link)[:3])
    assert link == make("diaries", photo, "large", viewer, quarter)
    assert status_of(f"{base}?link={make('diaries', photo, 'large', viewer, quarter - 2)}") == 404

    change("DELETE", follow, JUNE)
    assert status_of(url) == 404
    change("PUT", follow, JUNE)
    assert status_of(url) == 200
    change("PATCH", path, MINA, {"visibility": "selected", "viewers": []})
    assert status_of(url) == 404
    change("PATCH", path, MINA, {"visibility": "followers"})
    for who in (MINA, JUNE):  # the owner, the viewer
        site.activate(who, False)
        assert status_of(url) == 404
        site.activate(who, True)
        assert status_of(url) == 200
    change("PATCH", path, MINA, {"photos": [{"id": first["id"]}], "visibility": before})
    assert (status_of(url), status_of(second["url"])) == (200, 404)
    # A diary that is deleted, of its own picture: the other tests need this one.
    pk, day = new_id(), "2001-02-03"
    headers = {"Content-Type": TYPE}
    body = {"date": day, "visibility": "followers", "photos": [{"id": pk}]}
    sent = site.send("PUT", f"photos/{pk}/", MINA, content=SMALL, headers=headers)
    assert sent.status_code == 201, sent.text
    made = site.send("POST", "diaries/", MINA, json=body).json()["id"]
    url = site.send("GET", f"diaries/{made}/", JUNE).json()["photos"][0]["small_url"]
    assert status_of(url) == 200
    change("DELETE", f"diaries/{made}/", MINA)
    assert status_of(url) == 404


@needs_nginx
def test_a_person_s_picture_needs_no_link(site: Site) -> None:
    avatar = site.send("GET", "me/", JUNE).json()["avatar"]
    answer = site.send("GET", avatar["url"])
    assert (answer.status_code, answer.content) == (200, files_of("june")[1])
    wrong = site.send("GET", avatar["url"].replace("4fe6", "4fe7"))
    assert (wrong.status_code, wrong.json()["code"]) == (404, "not_found")


def shown_in(browser: Any, url: str) -> tuple[int, int]:
    """Return the size in pixels of the picture that a page of another origin shows."""
    page = browser.new_context(ignore_https_errors=True).new_page()
    page.set_content(f'<img src="{url}">')
    page.wait_for_function("document.images[0].complete")
    width, height = page.evaluate(
        "[document.images[0].naturalWidth, document.images[0].naturalHeight]"
    )
    return width, height


@pytest.mark.browser
@needs_nginx
def test_a_browser_shows_it_in_the_size_that_the_answer_says(site: Site) -> None:
    photo = site.diary(MINA)["photos"][0]
    url = photo["url"].replace(site.address.replace("https", "http"), site.address)
    right, forged = in_browser(
        lambda browser: (shown_in(browser, url), shown_in(browser, url + "x"))
    )
    assert right == (photo["width"], photo["height"]) == (1200, 900)
    assert forged == (0, 0)


class Store(BaseHTTPRequestHandler):
    """The server, which names a link to S3, and S3 itself."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str]]]

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        type(self).seen.append((self.command, self.path, headers))
        if self.path.startswith("/api/"):
            host, port = self.server.server_address[:2]  # type: ignore[misc]  # of IPv4
            name = "gone" if "gone" in self.path else "file"
            self.answer(
                200,
                b"",
                {
                    "X-Accel-Redirect": "/.photo-store",
                    "X-Photo-Url": f"http://{host!s}:{port}/bucket/{name}.webp?X-Amz-Signature=s%2Fx",
                    "Content-Type": TYPE,
                    "Cache-Control": "private, max-age=3600",
                    "Content-Disposition": "inline",
                }
                | ({"Access-Control-Allow-Origin": APP} if headers.get("origin") == APP else {}),
            )
        elif "gone" in self.path:
            self.answer(404, b"<Error>NoSuchKey</Error>", {"Content-Type": "application/xml"})
        elif "range" in headers:
            self.answer(206, SMALL[:4], {"Content-Range": f"bytes 0-3/{len(SMALL)}"})
        else:
            self.answer(
                200,
                SMALL,
                {
                    "Content-Type": "text/html",
                    "x-amz-request-id": "1",
                    "X-Accel-Redirect": "/static/",
                    "Set-Cookie": "a=b",
                    "Access-Control-Allow-Origin": "*",
                    "Vary": "Origin, Access-Control-Request-Method",
                },
            )

    do_HEAD = do_GET  # noqa: N815  # as the base names it

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@needs_nginx
def test_nginx_fetches_a_file_in_s3_itself_and_tells_it_nothing_of_the_client(
    tmp_path: Path,
) -> None:
    Store.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as store:
        threading.Thread(target=store.serve_forever, daemon=True).start()
        web = f"127.0.0.1:{store.server_address[1]}"
        with running_nginx(tmp_path, web, tmp_path / "photos") as address:
            site = Site(address, "", tmp_path, tmp_path)
            secret = {"Authorization": "Bearer secret", "Cookie": "sessionid=secret"}
            answer = site.send("GET", "pictures/x.webp?link=1", headers=secret)
            part = site.send("GET", "pictures/x.webp?link=1", headers={"Range": "bytes=0-3"})
            head = site.send("HEAD", "pictures/x.webp?link=1")
            gone = site.send("GET", "pictures/gone.webp?link=1")
            of_app = site.send("GET", "pictures/x.webp?link=1", headers={"Origin": APP})
        store.shutdown()
    assert (answer.status_code, answer.content) == (200, SMALL)
    assert answer.headers.get_list("content-type") == [TYPE]
    assert answer.headers.get_list("cache-control") == ["private, max-age=3600"]
    assert answer.headers.get_list("content-disposition") == ["inline"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    for name in ("x-amz-request-id", "x-photo-url", "x-accel-redirect", "set-cookie"):
        assert name not in answer.headers, name
    assert "access-control-allow-origin" not in answer.headers
    assert of_app.headers.get_list("access-control-allow-origin") == [APP]
    for read in (answer, of_app):
        assert read.headers.get_list("vary") == ["Origin"]
    assert (part.status_code, part.content) == (206, SMALL[:4])
    assert (head.status_code, head.content) == (200, b"")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    asked = [entry for entry in Store.seen if entry[1].startswith("/bucket/")]
    assert [method for method, *_ in asked] == ["GET", "GET", "HEAD", "GET", "GET"]
    assert asked[0][1] == "/bucket/file.webp?X-Amz-Signature=s%2Fx"
    for _method, _path, headers in asked:
        assert headers.keys() <= {"host", "connection", "range"}, headers
