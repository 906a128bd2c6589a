"""Probe the server of this container: `python -m todomate.probe`, the image's HEALTHCHECK.

The exit status is 0 when the server is ready.

A server that is ready takes charge where nobody is (the first one, or one whose predecessor has ended), so that
`docker compose up` alone is enough. `--take-charge` takes charge from another one too, and so does
TAKE_CHARGE_WHEN_READY from one that began earlier, for what replaces containers by itself (`docker stack deploy`).

`--at https://HOST:PORT` asks our own nginx instead and takes charge of nothing.
"""

from core.environment import flag
from operations.serving.listening import (
    IN_CHARGE,
    bind,
    is_listened_to,
    is_older,
    take_charge,
    trouble,
    unix_socket,
)


def main(arguments: list[str]) -> str:
    """What is wrong; empty when the server is ready."""
    if arguments[:1] == ["--at"]:
        return trouble(arguments[1])
    if what := trouble(bind()):
        return what
    if own := unix_socket(bind()):
        link = own.with_name(IN_CHARGE)
        wanted = flag("TAKE_CHARGE_WHEN_READY", default=False) and is_older(link, own)
        if "--take-charge" in arguments or wanted or not is_listened_to(link):
            take_charge(own)
    return ""
