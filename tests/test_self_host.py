"""docs/self-host.md has every setting with its defaults, files and commands that work."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_settings import GOOD, read

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "self-host.md").read_text("utf-8")
ROW = re.compile(r"^\| `([A-Z_]+)` \| ?(.*?) ?\| ?(.*?) ?\| (\S.*) \|$", re.MULTILINE)
# The defaults, those in one container, and the meanings.
ROWS = {
    name: (default.strip("`"), whole.strip("`"), meaning)
    for name, default, whole, meaning in ROW.findall(GUIDE.partition("## All settings")[2])
}
IN_ONE_CONTAINER = {name: whole for name, (_default, whole, _meaning) in ROWS.items() if whole}
DATABASES = {"mysql": "MYSQL", "postgres": "POSTGRES"}


def settings_of_the_example() -> dict[str, str]:
    """Return the defaults in .env.example."""
    lines = (ROOT / ".env.example").read_text("utf-8")
    found = re.findall(r"^(#?)([A-Z_]+)=(.*)$", lines, re.MULTILINE)
    return {name: value if is_default else "" for is_default, name, value in found}


def image_environment() -> dict[str, str]:
    """Return what the image sets."""
    text = (ROOT / "Dockerfile").read_text("utf-8").split("\nENV ")[-1]
    return dict(re.findall(r"([A-Z_]+)=(\S+)", text))


def written(value: Any) -> str:
    """Return a setting as one writes it in the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ",".join(f"{name}={written(one)}" for name, one in value.items())
    if isinstance(value, tuple):
        return "/".join(map(str, value))
    return "" if value is None else str(value)


def test_the_guide_has_every_setting_with_its_default_and_a_meaning() -> None:
    # The first is set in the example, and the second is read by the library for S3.
    others = {"TODOMATE_ENV": "production", "AWS_REGION": ""}
    defaults = {name: default for name, (default, _whole, _meaning) in ROWS.items()}
    assert defaults == settings_of_the_example() | others
    assert all(len(meaning) > 10 for _default, _whole, meaning in ROWS.values())
    meanings = [meaning for _default, _whole, meaning in ROWS.values()]
    assert len(set(meanings)) == len(meanings)


def test_the_defaults_are_those_of_the_settings() -> None:
    image = image_environment()
    settings = read(GOOD | {name: image[name] for name in ("BACKUP_URL", "PHOTO_URL")})
    same = {name for name in ROWS if isinstance(settings.get(name), str | int | dict)} - {*GOOD}
    assert {"BACKUP_URL", "TRUSTED_PROXIES", "ROW_LIMITS", "SIGN_UP"} <= same
    for name in same:
        assert ROWS[name][0] == written(settings[name]), name


def test_the_defaults_in_one_container_are_those_of_the_image_and_the_settings(
    tmp_path: Path,
) -> None:
    image = image_environment()
    settings, others = read({"DATA_FOLDER": str(tmp_path)}), read(GOOD)
    default = settings["DATABASES"]["default"]
    assert default["ENGINE"].endswith("sqlite3")
    found = {
        "DATABASE_URL": f"sqlite:///{default['NAME']}".replace(str(tmp_path), "/data"),
        "BACKUP_URL": settings["BACKUP_URL"].replace(str(tmp_path), "/data"),
        "PHOTO_URL": settings["PHOTO_URL"].replace(str(tmp_path), "/data"),
        "DATA_FOLDER": image["DATA_FOLDER"],
        "BIND": image["BIND"],
        "ONE_CONTAINER": "true",
    }
    words = {"SECRET_KEY": "made", "JWT_SIGNING_KEY": "made"}
    words["ALLOWED_HOSTS"] = "addresses and local names"
    assert settings["LOCAL_HOSTS_ONLY"] is True
    assert len(list((tmp_path / "secrets").iterdir())) == 2
    assert found | words == IN_ONE_CONTAINER
    same = ROWS.keys() & others.keys() - IN_ONE_CONTAINER.keys()
    assert {name: settings[name] for name in same} == {name: others[name] for name in same}
    assert ROWS.keys() & image.keys() <= IN_ONE_CONTAINER.keys()


def test_the_guide_names_no_setting_that_does_not_exist() -> None:
    used = set(re.findall(r"--env ([A-Z_]+)=[a-z…]", GUIDE)) - {"NAME"}
    assert used <= settings_of_the_example().keys()


@pytest.mark.parametrize("product", DATABASES)
def test_the_compose_file_with_a_database_fits_the_settings(product: str, tmp_path: Path) -> None:
    first, second = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[:2]
    if product == "postgres":  # it replaces the second service
        first = first[: first.index("  mysql:\n")] + second
        first = re.sub(r"mysql://.*?@mysql/", "postgres://todomate:${PASSWORD:?}@postgres/", first)
    file = yaml.safe_load(first)
    whole, server = file["services"]["todomate"], file["services"][product]
    assert set(file["services"]) == {"todomate", product}
    assert set(file["volumes"]) == {"todomate", product}
    for service in (whole, server):
        assert (service["restart"], service["read_only"]) == ("unless-stopped", True)
        assert service["cap_drop"] == ["ALL"]
        assert "/tmp" in service["tmpfs"]  # noqa: S108  # in the container
    environment = dict(whole["environment"])
    assert environment.keys() <= ROWS.keys()
    url = environment["DATABASE_URL"].replace("${PASSWORD:?}", "0f" * 24)
    settings = read(environment | {"DATABASE_URL": url, "DATA_FOLDER": str(tmp_path)})
    entry, prefix = settings["DATABASES"]["default"], DATABASES[product]
    name = server["environment"].get("MYSQL_DATABASE") or server["environment"]["POSTGRES_DB"]
    assert (entry["HOST"], entry["NAME"]) == (product, name)
    assert entry["USER"] == server["environment"][f"{prefix}_USER"]
    assert server["environment"][f"{prefix}_PASSWORD"] == "${PASSWORD:?}"
    if product == "postgres":
        assert "`postgres://todomate:${PASSWORD:?}@postgres/todomate`" in GUIDE


def test_the_database_can_be_put_aside_more_than_once(tmp_path: Path) -> None:
    (command,) = re.findall(r"sh -c \\\n  '(.+)'", GUIDE)
    for number in range(2):
        for end in ("", "-wal", "-shm"):
            (tmp_path / f"todomate.sqlite3{end}").write_text(str(number))
        there = command.replace("/data/", f"{tmp_path}/")
        subprocess.run(["/bin/sh", "-c", there], check=True)
        assert not list(tmp_path.glob("todomate*"))
    kept = sorted(path.read_text() for path in tmp_path.glob("before-*/todomate.sqlite3"))
    assert kept == ["0", "1"]


def test_the_readme_links_to_it() -> None:
    assert "(docs/self-host.md)" in (ROOT / "README.md").read_text("utf-8")
