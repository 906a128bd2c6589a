"""A server's folder with deploy.sh, on a machine without containers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.delivery.template import ROOT

TOOLS = (
    "base64",
    "bash",
    "cat",
    "chmod",
    "chown",
    "date",
    "dirname",
    "find",
    "flock",
    "grep",
    "head",
    "id",
    "mkdir",
)
TOOLS += "mv", "rm", "sed", "tail", "tr"
DIGEST = f"registry.example/todomate@sha256:{'0' * 64}"
# A Docker that is running and has no containers: enough for the checks before any container.
DOCKER = """case "$1 ${2:-}" in
  "info "* | "compose version") ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac"""


class Server:
    """A server's folder with deploy.sh, and a PATH with the programs it runs, except for docker."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder / "todomate", folder / "bin"
        self.folder.mkdir()
        self.path.mkdir()
        shutil.copy(ROOT / "deploy.sh", self.folder)
        for name in TOOLS:
            found = shutil.which(name)
            assert found, name
            (self.path / name).symlink_to(found)
        if os.geteuid() != 0:  # only root can change owners; the rest is the same
            for name, body in {"chown": "", "id": "echo 0"}.items():
                (self.path / name).unlink()
                self.put(name, body)

    def put(self, name: str, body: str) -> None:
        (self.path / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.path / name).chmod(0o755)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        env = {"PATH": str(self.path), "HOME": str(self.path)}
        command = ["bash", str(self.folder / "deploy.sh"), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=env, cwd="/", stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def refuses(self, *arguments: str) -> str:
        """Run a command that is refused, and return its message of one sentence."""
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        match = re.fullmatch(r"\d\d:\d\d:\d\d (.*)\n", done.stderr)
        assert match, done.stderr
        return match[1]

    def held(self) -> dict[str, tuple[int, bytes]]:
        """Return the mode and content of each file."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.folder)): (path.stat().st_mode, path.read_bytes())
            for path in files
        }
