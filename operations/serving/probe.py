"""Check the server of this container: `python -m todomate.probe`, the image's HEALTHCHECK.

The exit status is 0 if the server is ready. In a server that is one container the nightly jobs are
checked, too.

A ready server becomes the active one if there is none (it is the first, or the last one has
ended), so that `docker compose up` alone is enough. `--take-charge` activates it in place of
another one. So does TAKE_CHARGE_WHEN_READY in place of an older one, for systems that replace
containers by themselves (`docker stack deploy`).

`--at https://HOST:PORT` checks our own nginx instead and activates nothing.
"""

from core.environment import flag
from core.one_container import data_folder
from operations.jobs import alive
from operations.serving.listening import (
    ACTIVE,
    activate,
    bind_address,
    has_listener,
    is_older,
    readiness_problem,
    socket_path,
)


def main(arguments: list[str]) -> str:
    """Return what is wrong, or an empty string if the server is ready."""
    if arguments[:1] == ["--at"]:
        return readiness_problem(arguments[1])
    if problem := readiness_problem(bind_address()):
        return problem
    if data_folder() and not alive.is_alive():
        return "the process of the nightly jobs does not run"
    if own := socket_path(bind_address()):
        link = own.with_name(ACTIVE)
        replaces = flag("TAKE_CHARGE_WHEN_READY", default=False) and is_older(link, own)
        if "--take-charge" in arguments or replaces or not has_listener(link):
            activate(own)
    return ""
