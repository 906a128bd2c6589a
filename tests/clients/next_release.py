"""A proxy that makes the server's answers those of a later release of version 1.

Version 1 grows by new fields, new values of enums and new codes of problems. Clients that were
generated from today's schema have to read them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

NEW_VALUE = "added_later"
NEW_FIELD = "added_later"
HOP_BY_HOP = {"connection", "content-length", "content-encoding", "transfer-encoding", "host"}


def enum_fields(schema: dict[str, Any]) -> set[str]:
    """Return the names of all fields of answers whose values are enumerated."""
    components = schema["components"]["schemas"]
    names = set()
    for component in components.values():
        for name, field in component.get("properties", {}).items():
            if has_enum(field, components):
                names.add(name)
    return names


def has_enum(field: Any, components: dict[str, Any]) -> bool:
    """Return whether a field of a component, or each item of it, is of an enum of texts."""
    if not isinstance(field, dict):
        return False
    if "$ref" in field:
        return has_enum(components[field["$ref"].rsplit("/", 1)[-1]], {})
    if any(isinstance(value, str) for value in field.get("enum", ())):
        return True
    parts = [field.get("items")]
    for kind in ("allOf", "anyOf", "oneOf"):
        parts += field.get(kind, ())
    return any(has_enum(part, components) for part in parts)


def grown(value: Any, enums: set[str], field: str = "") -> Any:
    """Return an answer with a new field in each object and a new value in each enum."""
    if isinstance(value, dict):
        known = {name: grown(part, enums, name) for name, part in value.items()}
        return known | {NEW_FIELD: {"of": "any kind"}}
    if isinstance(value, list):
        return [grown(part, enums, field) for part in value]
    return NEW_VALUE if field in enums and isinstance(value, str) else value


@contextmanager
def next_release(address: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yield the address of a proxy to `address` whose answers have grown."""
    enums = enum_fields(schema)
    assert enums >= {"visibility", "state"}, enums
    client = httpx.Client(base_url=address, timeout=30)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            answer = client.request(self.command, self.path, content=body, headers=headers)
            content = answer.content
            kind = answer.headers.get("Content-Type", "")
            if "json" in kind:
                fields = enums | {"code"} if "problem" in kind else enums
                content = json.dumps(grown(json.loads(content), fields)).encode()
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        client.close()
