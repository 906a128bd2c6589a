"""Test the limits and rights of the containers, and that every setting reaches them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.delivery.compose import MYSQL, PROD, load, memory, services
from tests.delivery.template import ROOT

BOTH = services(PROD, MYSQL)
# MiB for the kernel, the daemons of Docker and containerd, the agent of Systems Manager, and the
# `docker compose` of a deploy. Containers rarely reach all limits at once, and AWS's template adds
# swap; but if nothing were left, the kernel might kill a daemon instead of a container.
FOR_THE_SYSTEM = 200
# MiB of a conversion of a photo at its worst, for a second (tests/photos/test_corpus.py). While
# there are two webs, this part of each limit may be in the swap.
CONVERSION = 128
SECRETS = "SECRET_KEY", "JWT_SIGNING_KEY", "DATABASE_URL", "MAIL_URL"
# The allowed keys of a service, without privileged, cap_add, devices, network_mode, pid and ipc.
KEYS = {
    "image",
    "user",
    "init",
    "entrypoint",
    "command",
    "environment",
    "secrets",
    "volumes",
    "ports",
    "depends_on",
}
KEYS |= {"read_only", "cap_drop", "security_opt", "restart", "logging", "deploy"}
KEYS |= {"healthcheck", "stop_signal", "stop_grace_period"}


def each(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("service", names or sorted(BOTH))


class TestMemory:
    @pytest.mark.parametrize(("files", "machine"), [((PROD,), 1024), ((PROD, MYSQL), 2048)])
    def test_the_limits_fit_the_machine_with_two_webs(
        self, files: tuple[str, ...], machine: int
    ) -> None:
        limits = {name: memory(service) for name, service in services(*files).items()}
        at_once = sum(limits.values()) + limits["web"] - 2 * CONVERSION
        assert at_once <= machine - FOR_THE_SYSTEM, limits

    @pytest.mark.parametrize(("files", "machine"), [((PROD,), 1024), ((PROD, MYSQL), 2048)])
    def test_the_limits_fit_the_machine_with_the_steps_of_a_deploy(
        self, files: tuple[str, ...], machine: int
    ) -> None:
        """The steps have the limit of their service, and end before the second web starts."""
        script = re.sub(r"\\\n *", "", (ROOT / "deploy.sh").read_text())
        (service,) = re.findall(r"compose run .*?--label \S+ (\w+)", script)
        limits = {name: memory(service) for name, service in services(*files).items()}
        at_once = sum(limits.values()) + limits[service] - CONVERSION
        assert at_once <= machine - FOR_THE_SYSTEM, limits

    def test_redis_evicts_entries_before_it_reaches_its_limit(self) -> None:
        words = BOTH["redis"]["entrypoint"]
        assert words[words.index("--maxmemory") + 1] == "24mb"
        assert words[words.index("--maxmemory-policy") + 1] == "allkeys-lru"
        assert memory(BOTH["redis"]) >= 2 * 24


class TestRights:
    @each()
    def test_a_service_has_only_the_rights_of_an_ordinary_user(self, service: str) -> None:
        body = BOTH[service]
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", body["user"])
        assert (body["read_only"], body["cap_drop"]) == (True, ["ALL"])
        assert body["security_opt"] == ["no-new-privileges:true"]

    @each()
    def test_a_service_has_no_access_to_the_machine(self, service: str) -> None:
        body = BOTH[service]
        assert set(body) <= KEYS
        binds = {volume["source"] for volume in body["volumes"] if volume["type"] == "bind"}
        assert binds <= {"./backups", "./buffers", "./nginx", "./tls", "./acme", "./well-known"}

    def test_only_nginx_publishes_ports(self) -> None:
        assert [name for name, body in BOTH.items() if body.get("ports")] == ["nginx"]
        assert [port["published"] for port in BOTH["nginx"]["ports"]] == [
            "${HTTP_PORT:-80}",
            "${HTTPS_PORT:-443}",
        ]

    def test_nginx_can_write_only_to_its_tmp_and_buffers(self) -> None:
        writable = [one["target"] for one in BOTH["nginx"]["volumes"] if not one.get("read_only")]
        assert writable == ["/tmp", "/var/cache/todomate"]  # noqa: S108  # in the container

    @pytest.mark.parametrize(("folder", "service"), [("./backups", "jobs"), ("./buffers", "nginx")])
    def test_a_folder_with_user_data_is_mounted_in_one_service_only(
        self, folder: str, service: str
    ) -> None:
        reach = {
            name
            for name, body in BOTH.items()
            if folder in [one["source"] for one in body["volumes"] if "source" in one]
        }
        assert reach == {service}

    @each()
    def test_logs_do_not_fill_the_disk(self, service: str) -> None:
        logging = BOTH[service]["logging"]
        assert logging == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}

    @each()
    def test_a_service_starts_with_the_machine(self, service: str) -> None:
        assert BOTH[service]["restart"] == "unless-stopped"


class TestImages:
    @each("web", "jobs")
    def test_our_image_is_the_one_that_deploy_sh_sets(self, service: str) -> None:
        assert BOTH[service]["image"].startswith("${TODOMATE_IMAGE:?")

    @each("nginx", "redis", "mysql")
    def test_other_images_have_a_version(self, service: str) -> None:
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)?", BOTH[service]["image"])


class TestEnvironment:
    @pytest.fixture
    def environment(self) -> dict[str, Any]:
        found: dict[str, Any] = services(PROD)["web"]["environment"]
        return found

    def test_every_setting_is_passed_on(self, environment: dict[str, Any]) -> None:
        known = set(
            re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
        )
        assert len(known) > 25
        arrives = {name.removesuffix("_FILE") for name in environment}
        assert arrives == known - {"DATA_FOLDER"} | {"AWS_REGION"}

    def test_each_setting_has_the_name_of_its_variable(self, environment: dict[str, Any]) -> None:
        fixed = {name: value for name, value in environment.items() if not value.startswith("${")}
        assert {"TODOMATE_ENV", "ONE_CONTAINER", "BIND", "SHARED_STATIC", "WELL_KNOWN_DIR"} | {
            f"{name}_FILE" for name in SECRETS
        } == set(fixed)
        for name in set(environment) - set(fixed):
            assert re.match(rf"\$\{{{name}(:?-|:\?)", environment[name]), name
        assert environment["BIND"] == "unix:/run/todomate/{hostname}.sock"

    def test_secrets_are_files_only(self, environment: dict[str, Any]) -> None:
        body = load(PROD)
        for name in SECRETS:
            assert name not in environment
            assert environment[f"{name}_FILE"] == f"/run/secrets/{name.lower()}"
            assert body["secrets"][name.lower()] == {"file": f"./secrets/{name.lower()}"}
            assert name.lower() in BOTH["web"]["secrets"]

    @pytest.mark.parametrize("name", ["mysql_password", "mysql_root_password"])
    def test_the_passwords_of_mysql_are_files(self, name: str) -> None:
        body = BOTH["mysql"]
        assert body["environment"][f"{name.upper()}_FILE"] == f"/run/secrets/{name}"
        assert name.upper() not in body["environment"]
        assert load(MYSQL)["secrets"][name] == {"file": f"./secrets/{name}"}
        assert name in body["secrets"]

    def test_root_of_mysql_can_sign_in_only_in_its_container(self) -> None:
        assert BOTH["mysql"]["environment"]["MYSQL_ROOT_HOST"] == "localhost"
        assert not [
            name for name in BOTH["mysql"]["environment"] if "EMPTY" in name or "RANDOM" in name
        ]

    @pytest.mark.parametrize("files", [(PROD,), (PROD, MYSQL)])
    def test_jobs_has_the_environment_of_web(self, files: tuple[str, ...]) -> None:
        found = services(*files)
        for key in ("environment", "secrets", "image", "user"):
            assert found["jobs"][key] == found["web"][key], key

    def test_the_connection_is_verified_unless_it_stays_on_the_machine(
        self, environment: dict[str, Any]
    ) -> None:
        authorities = "infra/rds-ca.pem"
        assert environment["MYSQL_CA"] == f"${{MYSQL_CA-/app/{authorities}}}"
        assert (ROOT / authorities).exists()
        assert BOTH["web"]["environment"]["MYSQL_CA"] == ""
