"""Two web servers over one source and one replica, and the people who use them."""

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
MARK = "only the replica says so"
MARKING = (
    "UPDATE accounts_profile SET bio = %s WHERE user_id = %s",
    "UPDATE goals_goal SET title = %s WHERE owner_id = %s",
    "UPDATE todos_todo SET title = %s, is_done = TRUE, done_at = created_at WHERE owner_id = %s",
)


class Person:
    """Somebody with a phone and a tablet, each at a web server of its own, with a goal and a todo of today."""

    def __init__(self, place: Place, name: str, **profile: Any) -> None:
        self.place = place
        self.phone, self.tablet = (
            place.device(address, f"device{n}") for n, address in enumerate(place.addresses)
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
        """Reads, and what each of them shows of what `mark` wrote."""
        return {
            "me/": MARK,
            "goals/": MARK,
            f"goals/{self.goal}/": MARK,
            f"todos/?date={self.today}": MARK,
            f"days/{self.today}/": MARK,
            f"calendar/?month={self.today[:7]}": '"done":1,',
        }

    def mark(self) -> None:
        """Write on the replica alone what tells that it was read."""
        ask, whose = (
            self.place.replica.ask,
            "SELECT user_id FROM accounts_profile WHERE handle = %s",
        )
        wait_for(
            lambda: ask("SELECT id FROM todos_todo WHERE id = %s", UUID(self.todo).bytes),
            "all is on the replica",
        )
        (me,) = ask(whose, self.handle)
        for statement in MARKING:
            ask(statement, MARK, me["user_id"])

    def reads_the_replica(self, device: Phone | None = None) -> bool:
        return bool((device or self.phone).get("me/")["bio"] == MARK)

    def wait_for_the_replica(self) -> None:
        """Until both web servers let this person's reads go there."""
        for device in self.devices:
            wait_for(
                lambda device=device: self.reads_the_replica(device),
                f"{self.handle} reads the replica",
            )  # type: ignore[misc]  # bound now

    def titles(self, device: Phone, of: Person | None = None) -> dict[str, str]:
        """The todos of today as a device sees them, in the list and in the day, which must agree."""
        whose = {"owner": of.id} if of else {}
        day = device.get(f"days/{self.today}/", **whose)
        return {todo["id"]: todo["title"] for goal in day["goals"] for todo in goal["todos"]}


class Place:
    """Source, replica, and two servers of two processes each."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack = stack
        self.source: Server
        self.replica: Replica
        self.source, self.replica = stack.enter_context(source_and_replica())
        settings = {"DJANGO_SETTINGS_MODULE": "tests.fast_settings", "RATE_LIMITS": "off"}
        nobody = f"mysql://todomate@127.0.0.1:{free_port()}/{NAME}"  # half of all people are given this one first
        settings |= {
            "DATABASE_URL": self.source.url,
            "DATABASE_REPLICA_URLS": f"{self.replica.url},{nobody}",
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
def running_place(folder: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(stack, folder)
