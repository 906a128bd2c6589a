"""A fake Systems Manager on loopback, which runs the document of infra/aws.yml.

`python -m tests.delivery.systems_manager COMMAND…` runs a command with AWS_ENDPOINT_URL set to it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.delivery.template import Template

REPOSITORY = "ghcr.io/sora/todomate"
IMAGE = f"{REPOSITORY}@sha256:{'0f' * 32}"
INSTANCE = "i-0123456789abcdef0"
DEPLOY = 'echo "deployed $1"\n'
# Only the commands that the document uses.
DOCKER = """#!/bin/sh
echo "$@" >>"$(dirname "$0")/../docker.log"
case $1 in
pull) [ -z "$PULL_FAILS" ] || { echo "denied" >&2; exit 1; } ;;
*) echo "asked: $*" >&2; exit 1 ;;
esac
"""


class RefusedError(Exception):
    """A request is refused. Its arguments are AWS's name of the error and a message."""


class SystemsManager(ThreadingHTTPServer):
    """One instance, whose /opt/todomate and `docker` are in a folder. `deploy` is its deploy.sh.

    `waits` is the number of requests before it has a result. At the first one, the command is
    unknown, as on AWS.
    """

    waits = 0

    def __init__(self, folder: Path, deploy: str = DEPLOY, **environment: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content: dict[str, Any] = Template()["DeployDocument"]["Content"]
        self.server_folder = folder / "todomate"
        self.log = folder / "docker.log"
        self.environment = (
            os.environ
            | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PULL_FAILS": ""}
            | environment
        )
        self.running: subprocess.Popen[str] | None = None
        self.looks = 0
        for name, text in {
            "bin/docker": DOCKER,
            "todomate/deploy.sh": f"#!/bin/sh\n{deploy}",
        }.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def send_command(self, asked: dict[str, Any]) -> dict[str, Any]:
        if (asked["DocumentName"], asked["InstanceIds"]) != ("todomate-deploy", [INSTANCE]):
            raise RefusedError("AccessDeniedException", "not this document on this instance")
        (image,) = asked["Parameters"]["image"]
        pattern = self.content["parameters"]["image"]["allowedPattern"]["Fn::Sub"].replace(
            "${Image}", REPOSITORY
        )
        if set(asked["Parameters"]) != {"image"} or not re.search(pattern, image):
            raise RefusedError("InvalidParameters", f"{image} does not match {pattern}")
        lines = self.content["mainSteps"][0]["inputs"]["runCommand"]
        script = (
            "\n".join(lines)
            .replace("{{ image }}", image)
            .replace("/opt/todomate", str(self.server_folder))
        )
        self.running = subprocess.Popen(
            ["sh", "-c", script],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return {
            "Command": {"CommandId": "11111111-2222-3333-4444-555555555555", "Status": "Pending"}
        }

    def get_command_invocation(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.looks += 1
        if self.running is None or self.looks <= min(self.waits, 1):
            raise RefusedError("InvocationDoesNotExist", "")
        if self.looks <= self.waits:
            return {"Status": "InProgress", "StatusDetails": "InProgress", "ResponseCode": -1}
        out, err = self.running.communicate()
        status = "Success" if self.running.returncode == 0 else "Failed"
        return {
            "Status": status,
            "StatusDetails": status,
            "ResponseCode": self.running.returncode,
            "StandardOutputContent": out,
            "StandardErrorContent": err,
        }


class Handler(BaseHTTPRequestHandler):
    """Handler of AWS's JSON protocol, with the operation in a header."""

    server: SystemsManager

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].removeprefix("AmazonSSM.")
        known = {
            "SendCommand": self.server.send_command,
            "GetCommandInvocation": self.server.get_command_invocation,
        }
        try:
            status, answer = 200, known[operation](asked)
        except RefusedError as refused:
            status, answer = 400, {"__type": refused.args[0], "message": refused.args[1]}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Log nothing."""


@contextmanager
def systems_manager(
    folder: Path, deploy: str = DEPLOY, **environment: str
) -> Iterator[SystemsManager]:
    """Run the fake until the end of the block."""
    with SystemsManager(folder, deploy, **environment) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def environment(server: SystemsManager) -> dict[str, str]:
    """Return the variables that the workflow sets for scripts/remote-deploy, with fake keys."""
    return {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_REGION": "ap-northeast-2",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_INSTANCE_ID": INSTANCE,
        "IMAGE": IMAGE,
        "POLL_SECONDS": "0.1",
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, systems_manager(Path(name)) as here:
        sys.exit(
            subprocess.run(sys.argv[1:], env=os.environ | environment(here), check=False).returncode
        )
