"""Two web servers with a source and a replica, and their users."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.base import new_id
from tests.replicas.servers import NAME, Replica, Server, source_and_replica, wait_for
from tests.server import free_port, running_server
from tests.week.phone import Phone

MAX_LAG = 5  # seconds; more than the delay of 3 and the second to which it is known
MARK = "only on the replica"
MARKING = (
    "UPDATE accounts_profile SET bio = %s WHERE user_id = %s",
    "UPDATE goals_goal SET title = %s WHERE owner_id = %s",
    "UPDATE todos_todo SET title = %s, is_done = TRUE, done_at = created_at WHERE owner_id = %s",
)


class Person:
    """A user with a phone and a tablet, each on another web server, with a goal and a todo."""

    def __init__(self, site: Site, name: str, **profile: Any) -> None:
        self.site = site
        self.phone, self.tablet = (
            site.device(address, f"device{n}") for n, address in enumerate(site.addresses)
        )
        email = f"{name}@example.com"
        me = self.phone.sign_up(id=new_id(), email=email, nickname=name, **profile)
        self.tablet.sign_in(email)
        self.id, self.handle, self.today = me["id"], me["handle"], me["today"]
        body = {"id": new_id(), "title": "Health", "color": "#33AA77", "visibility": "followers"}
        self.goal = self.phone.write("POST", "goals/", body, first=201)["id"]
        self.todo = self.add("Swim")

    def add(self, title: str) -> str:
        body = {"id": new_id(), "goal": self.goal, "date": self.today, "title": title}
        return str(self.phone.write("POST", "todos/", body, first=201)["id"])

    @property
    def devices(self) -> tuple[Phone, Phone]:
        return self.phone, self.tablet

    @property
    def paths(self) -> dict[str, str]:
        """Paths to read, and the text in each answer that mark() has written."""
        return {
            "me/": MARK,
            "goals/": MARK,
            f"goals/{self.goal}/": MARK,
            f"todos/?date={self.today}": MARK,
            f"days/{self.today}/": MARK,
            f"calendar/?month={self.today[:7]}": '"done":1,',
        }

    def mark(self) -> None:
        """Write a mark on the replica only, to recognise answers from it."""
        ask, whose = (
            self.site.replica.ask,
            "SELECT user_id FROM accounts_profile WHERE handle = %s",
        )
        wait_for(
            lambda: ask("SELECT id FROM todos_todo WHERE id = %s", UUID(self.todo).bytes),
            "the replica has applied everything",
        )
        (me,) = ask(whose, self.handle)
        for statement in MARKING:
            ask(statement, MARK, me["user_id"])

    def reads_the_replica(self, device: Phone | None = None) -> bool:
        return bool((device or self.phone).get("me/")["bio"] == MARK)

    def wait_for_the_replica(self) -> None:
        """Wait until both web servers read this user's data from the replica."""
        for device in self.devices:
            wait_for(
                lambda device=device: self.reads_the_replica(device),
                f"{self.handle} reads the replica",
            )  # type: ignore[misc]  # bound now

    def titles(self, device: Phone, of: Person | None = None) -> dict[str, str]:
        """Return the titles of today's todos on a device, by id."""
        whose = {"owner": of.id} if of else {}
        day = device.get(f"days/{self.today}/", **whose)
        return {todo["id"]: todo["title"] for goal in day["goals"] for todo in goal["todos"]}


class Site:
    """A source, a replica, and two web servers of two processes each."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack = stack
        self.source: Server
        self.replica: Replica
        self.source, self.replica = stack.enter_context(source_and_replica())
        settings = {"DJANGO_SETTINGS_MODULE": "tests.fast_settings", "RATE_LIMITS": "off"}
        # Half of all users are assigned to this replica, where nothing listens.
        missing = f"mysql://todomate@127.0.0.1:{free_port()}/{NAME}"
        settings |= {
            "DATABASE_URL": self.source.url,
            "DATABASE_REPLICA_URLS": f"{self.replica.url},{missing}",
        }
        settings |= {"DATABASE_REPLICA_MAX_LAG": str(MAX_LAG)}
        self.addresses = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            self.addresses.append(stack.enter_context(running_server(folder / name, **settings)))

    def device(self, address: str, name: str) -> Phone:
        phone = Phone(address, name)
        self.stack.enter_context(closing(phone.http))
        return phone


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack, folder)
