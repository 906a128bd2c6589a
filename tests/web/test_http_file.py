"""GET /api/docs/requests.http: all requests in one file, each of which works on the demo."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

from django.test import Client, TestCase

from todomate.demo.people import MINA
from todomate.demo.writing import write_demo
from todomate.front.http_file import COMMENTED
from todomate.front.openapi import schema

# These need the token of a mail, the code of an app or somebody's request, which the demo has not.
NEED_MORE = {
    "confirm_sign_up": 400,
    "confirm_email": 400,
    "confirm_password_reset": 400,
    "confirm_second_factor": 400,
    "accept_follow_request": 404,
}


class Editor:
    """Send the requests of a .http file as an editor does, and remember their answers by name."""

    def __init__(self) -> None:
        self.client = Client()
        self.values: dict[str, str] = {}
        self.answers: dict[str, Any] = {}

    def fill(self, text: str) -> str:
        return re.sub(r"\{\{(.+?)\}\}", lambda match: self.value(match[1]), text)

    def value(self, name: str) -> str:
        if name == "$timestamp":
            return "1767225600"
        if name in self.values:
            return self.fill(self.values[name])
        request, _, path = name.partition(".response.body.$.")
        value = self.answers[request].json()
        for step in re.findall(r"\w+", path):
            if value == []:
                return str(uuid4())
            value = value[int(step) if step.isdecimal() else step]
        return str(value)

    def send(self, block: str) -> tuple[str, int]:
        """Send one request; return its name and the status of the answer."""
        _comments, _, rest = block.partition("\n# @name ")
        name, _, request = rest.partition("\n")
        head, _, body = request.partition("\n\n")
        line, *headers = head.splitlines()
        method, url = self.fill(line).split()
        fields = dict(self.fill(header).split(": ", 1) for header in headers if header)
        path = url.removeprefix("http://testserver")
        assert path != url
        answer = self.client.generic(method, path, self.fill(body).strip(), headers=fields)
        self.answers[name] = answer
        return name, answer.status_code


class TestHttpFile(TestCase):
    def file(self) -> str:
        answer = self.client.get("/api/docs/requests.http")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        return answer.content.decode()

    def test_every_request_works_on_the_demo_in_the_order_of_the_file(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):  # writes the pictures
            write_demo()
        editor = Editor()
        head, *blocks = self.file().split("\n### ")
        editor.values = dict(re.findall(r"^@(\w+) = (.*)$", head, re.MULTILINE))
        assert editor.values["email"] == MINA.email
        wrong = {}
        for block in blocks:
            if "\n# @name " in block:
                name, status = editor.send(block.split("\n# ---- ")[0])
                if status != NEED_MORE.get(name, status) or (
                    status >= 400 and name not in NEED_MORE
                ):
                    wrong[name] = (status, editor.answers[name].content.decode())
        assert not wrong, "\n".join(f"{name}: {answer}" for name, answer in wrong.items())

    def test_it_has_every_operation_of_the_schema(self) -> None:
        content = self.file()
        methods = [one for path in schema()["paths"].values() for one in path.values()]
        names = {operation["operationId"] for operation in methods}
        assert set(re.findall(r"^# @name (\w+)$", content, re.MULTILINE)) == names - {*COMMENTED}
        assert "\n# POST {{host}}/api/v1/me/delete/\n" in content

    def test_without_a_demo_it_has_no_account(self) -> None:
        content = self.file()
        assert "@email = you@example.org" in content
        assert "@host = http://testserver\n" in content
        for block in content.split("\n### ")[1:]:
            if "\nContent-Type: application/json\n" in block:
                body = block.split("\n\n")[1].split("\n\n#")[0]
                json.loads(body)
