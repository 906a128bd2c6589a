"""Read the compose files like Compose, but without replacing variables."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.delivery.template import ROOT

PROD, MYSQL = "docker-compose.prod.yml", "docker-compose.mysql.yml"
UNITS = {"K": 1 / 1024, "M": 1, "G": 1024}


def load(name: str) -> dict[str, Any]:
    body: dict[str, Any] = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return body


def services(*names: str) -> dict[str, dict[str, Any]]:
    """Return the services of several files; environments are merged, the later file wins."""
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        for service, given in load(name)["services"].items():
            before = found.setdefault(service, {})
            environment = before.get("environment", {}) | given.get("environment", {})
            found[service] = before | given | ({"environment": environment} if environment else {})
    return found


def memory(service: dict[str, Any]) -> int:
    """Return the memory limit of a service in MiB."""
    match = re.fullmatch(r"(\d+)([KMG])", service["deploy"]["resources"]["limits"]["memory"])
    assert match
    return int(int(match[1]) * UNITS[match[2]])
