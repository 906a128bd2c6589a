"""Run all checks, in an order in which each can rely on those before it."""

from collections.abc import Iterable, Iterator

from operations.doctor import (
    allowed_hosts,
    browsers,
    cache,
    database,
    mail,
    photos,
    settings_loading,
    variables,
)
from operations.doctor.findings import Finding


def run_checks(
    *, before_deploy: bool, in_service: str, dotenv: Iterable[str] = ()
) -> Iterator[Finding]:
    """Yield every finding. `dotenv` are the names of the variables in .env.

    A check that depends on a variable which the settings refuse is skipped: the finding about the
    variable explains it already.
    """
    yield from variables.examine(dotenv)
    findings, refused = settings_loading.load_settings()
    yield from findings
    yield from allowed_hosts.examine(refused)
    if not refused & {"DATABASE_URL", "MYSQL_CA", "POSTGRES_CA"}:
        yield from database.examine(before_deploy=before_deploy, in_service=in_service)
    if "REDIS_URL" not in refused:
        yield from cache.examine()
    if "MAIL_URL" not in refused:
        yield from mail.examine()
    if not refused & {"PHOTO_URL", "DATA_FOLDER"}:
        yield from photos.examine()
    yield from browsers.examine()
