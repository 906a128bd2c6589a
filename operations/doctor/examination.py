"""What is looked at, and in which order."""

from collections.abc import Iterator

from operations.doctor import cache, database, hosts, loading, mail
from operations.doctor.findings import Finding


def examine(*, before_deploy: bool, in_service: str) -> Iterator[Finding]:
    """All that is wrong. What hangs on a variable that the settings refuse is left out: it was said already."""
    findings, refused = loading.load()
    yield from findings
    yield from hosts.examine(refused)
    if not refused & {"DATABASE_URL", "MYSQL_CA"}:
        yield from database.examine(before_deploy=before_deploy, in_service=in_service)
    if "REDIS_URL" not in refused:
        yield from cache.examine()
    if "MAIL_URL" not in refused:
        yield from mail.examine()
