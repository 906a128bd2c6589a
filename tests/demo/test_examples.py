"""The examples of requests in the schema, sent to the demo as they are."""

from __future__ import annotations

import json
from io import StringIO
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase, override_settings
from drf_spectacular.generators import SchemaGenerator

from accounts.models import User
from tests.base import FAST_HASH, Client
from tests.photos.pictures import jpeg
from todomate.demo.people import MINA

# What an example cannot contain, since it differs on each server and at each time: the answer says
# that this is what is wrong.
NEEDS_A_SECRET = {
    "refresh_token": (401, "token_not_valid"),
    "confirm_sign_up": (400, "invalid"),
    "confirm_email": (400, "invalid"),
    "confirm_password_reset": (400, "invalid"),
    "confirm_second_factor": (400, "invalid"),
    "get_diary_picture": (404, "not_found"),
    "get_todo_picture": (404, "not_found"),
}
# Their example is the photo that the example of `upload_photo` would create.
OF_UPLOADED = {"upload_photo", "get_photo", "delete_photo"}
JPEG = jpeg()


@pytest.fixture(scope="class")
def _operations(request: Any) -> None:
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)
    request.cls.operations = [
        (method, path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.usefixtures("_operations")
@override_settings(PASSWORD_HASHERS=FAST_HASH)
class ExamplesTest(TestCase):
    operations: list[tuple[str, str, dict[str, Any]]]

    @classmethod
    def setUpTestData(cls) -> None:
        with cls.captureOnCommitCallbacks(execute=True):  # writes the pictures
            folder = cls.enterClassContext(TemporaryDirectory())
        cls.enterClassContext(override_settings(PHOTO_URL=f"file://{folder}"))
        with cls.captureOnCommitCallbacks(execute=True):
            call_command("demo", stdout=StringIO())

    def send(self, method: str, path: str, operation: dict[str, Any]) -> Any:
        """Send the example of an operation as Mina, and undo what it did."""
        query = {}
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
            elif "example" in parameter:
                value = parameter["example"]
                query[parameter["name"]] = value if isinstance(value, str) else json.dumps(value)
        body = None
        if content := json_content(operation):
            (example,) = content["examples"].values()
            body = example["value"]
        phone = Client(User.objects.get(email=MINA.email))
        name = operation["operationId"]
        with transaction.atomic():
            if name in OF_UPLOADED:
                response = phone.put(path, JPEG, content_type="image/jpeg")
            if name != "upload_photo":
                response = getattr(phone, method)(path, body, query_params=query)
            transaction.set_rollback(True)
        return response

    def test_the_example_of_each_operation_succeeds_on_the_demo(self) -> None:
        for method, path, operation in self.operations:
            name = operation["operationId"]
            with self.subTest(name):
                response = self.send(method, path, operation)
                if name in NEEDS_A_SECRET:
                    status, code = NEEDS_A_SECRET[name]
                    assert (response.status_code, response.json()["code"]) == (status, code)
                else:
                    assert response.status_code < 300, response.content.decode()

    def test_every_body_has_an_example(self) -> None:
        for method, path, operation in self.operations:
            if "requestBody" in operation and operation["operationId"] != "upload_photo":
                content = json_content(operation)
                assert content, (method, path)
                assert len(content.get("examples", {})) == 1, (method, path)


def json_content(operation: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the schema says of an operation's JSON body, or None if it has no such body."""
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json")
