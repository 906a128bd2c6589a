"""Compare the clock of another machine with this one's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from operations.doctor.findings import Finding

SKEW_WARNING = timedelta(seconds=2)
SKEW_ERROR = timedelta(seconds=30)


def examine(before: datetime, there: datetime) -> Iterator[Finding]:
    """Yield a finding if the database's clock, which was asked at `before`, differs.

    The time that the query took is the uncertainty of the result.
    """
    uncertainty = (datetime.now(UTC) - before) / 2
    skew = there - before - uncertainty
    certain_skew = abs(skew) - uncertainty
    if certain_skew <= SKEW_WARNING:
        return
    direction = "ahead of" if skew > timedelta() else "behind"
    yield Finding(
        "clock-skew",
        f"The database's clock is {abs(skew).total_seconds():.0f} seconds {direction} this"
        " machine's.",
        "Synchronize the clock that is wrong with the network: sudo timedatectl set-ntp true.",
        "error" if certain_skew > SKEW_ERROR else "warning",
    )
