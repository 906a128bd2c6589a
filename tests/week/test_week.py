"""One week of two people on two phones each, over real HTTP, against gunicorn."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.base import new_id
from tests.server import running_server
from tests.week.phone import Phone

MOODS = ["😀", "😴", "🔥", "🍣", "☔", "❤", "🎉"]


class Person:
    """A person with a phone and a tablet, and the numbers of todos expected in their calendar."""

    def __init__(self, address: str, name: str, **profile: Any) -> None:
        self.phone, self.tablet = Phone(address, "phone"), Phone(address, "tablet")
        email = f"{name}@example.com"
        me = self.phone.sign_up(id=new_id(), email=email.upper(), nickname=name, **profile)
        self.tablet.sign_in(email)
        self.id, self.today = me["id"], dt.date.fromisoformat(me["today"])
        self.expected: dict[tuple[str, str], list[int]] = {}

    def create_goals(self) -> None:
        """Create two goals with client-made ids, and a quick input for Monday to Saturday."""
        self.health, self.work = new_id(), new_id()
        goals = [(self.health, "건강 챙기기", "followers"), (self.work, "Work", "private")]
        for pk, title, visibility in goals:
            body = {"id": pk, "title": title, "visibility": visibility, "color": "#33AA77"}
            self.phone.write("POST", "goals/", body, first=201)
        assert [goal["id"] for goal in self.tablet.listed("goals/")] == [self.health, self.work]
        self.water = new_id()
        body = {"id": self.water, "goal": self.health, "title": "물 여덟 잔", "time": "09:00"}
        body |= {
            "weekdays": ["sat", "mon", "tue", "wed", "thu", "fri"],
            "starts_on": str(self.today - dt.timedelta(6)),
        }
        quick_input = self.phone.write("POST", "quick-inputs/", body, first=201)
        assert quick_input["weekdays"] == ["mon", "tue", "wed", "thu", "fri", "sat"]

    def count(self, day: dt.date, goal: str, *, done: bool) -> None:
        counts = self.expected.setdefault((str(day), goal), [0, 0])
        counts[0] += done
        counts[1] += 1

    def spend_day(self, day: dt.date, mood: str) -> None:
        """Create todos on both devices, activate the offer on both and write the diary."""
        for device, goal in ((self.phone, self.health), (self.tablet, self.work)):
            body = {"id": new_id(), "goal": goal, "date": str(day), "title": f"{device.name} {day}"}
            todo = device.write("POST", "todos/", body, first=201)
            first_done = device.write("PATCH", f"todos/{todo['id']}/", {"is_done": True})["done_at"]
            other = self.tablet if device is self.phone else self.phone
            assert (
                other.write("PATCH", f"todos/{todo['id']}/", {"is_done": True})["done_at"]
                == first_done
            )
            self.count(day, goal, done=True)
        self.activate_offer(day)
        body = {
            "id": new_id(),
            "date": str(day),
            "body": f"오늘은 {day}",
            "emoji": mood,
            "visibility": "followers",
        }
        self.diary = self.phone.write("POST", "diaries/", body, first=201)["id"]
        for device in (self.phone, self.tablet):
            device.refresh()

    def activate_offer(self, day: dt.date) -> None:
        """Activate the day's offer on both devices; on Sundays there is none."""
        path = f"quick-inputs/{self.water}/offers/{day}/todo/"
        if day.weekday() == 6:
            assert self.phone.http.put(path).json()["code"] == "not_offered"
            return
        offers = self.phone.get("quick-inputs/offers/", date_from=str(day), date_to=str(day))[
            "results"
        ]
        assert [offer["date"] for offer in offers] == [str(day)]
        made = self.phone.write("PUT", path, first=201)
        again = self.tablet.write("PUT", path)
        assert (
            made["id"]
            == again["id"]
            == offers[0]["todo_id"]
            == str(uuid.uuid5(uuid.UUID(self.water), str(day)))
        )
        self.count(day, self.health, done=False)

    def check_calendar(self) -> None:
        """Assert that both devices get the expected calendar."""
        span = {"date_from": str(self.today - dt.timedelta(6)), "date_to": str(self.today)}
        for device in (self.phone, self.tablet):
            calendar = device.get("calendar/", **span)
            counted = {
                (day["date"], goal["goal"]): [goal["done"], goal["total"]]
                for day in calendar["days"]
                for goal in day["goals"]
            }
            assert counted == self.expected
            assert [day["diary"]["emoji"] for day in calendar["days"]] == [
                m if m != "❤" else "❤️" for m in MOODS
            ]


def befriend(asker: Person, private: Person) -> None:
    """Request to follow a private account, and accept the request on its tablet."""
    path = f"users/{private.id}/follow/"
    assert asker.phone.write("PUT", path)["follow_state"] == "pending"
    assert asker.phone.listed("goals/", owner=private.id) == []
    requests = private.tablet.listed("follow-requests/")
    assert [request["user"]["id"] for request in requests] == [asker.id]
    private.tablet.write("PUT", f"follow-requests/{asker.id}/", first=204)
    assert private.phone.get("me/")["pending_requests"] == 0
    assert [goal["title"] for goal in asker.tablet.listed("goals/", owner=private.id)] == [
        "건강 챙기기"
    ]


def cheer(friend: Person, person: Person, day: dt.date) -> None:
    """Check what a friend sees of a day, and cheer its todo and diary."""
    seen = friend.phone.get(f"days/{day}/", owner=person.id)
    assert [goal["id"] for goal in seen["goals"]] == [person.health]
    assert seen["offers"] == []
    todo = seen["goals"][0]["todos"][0]
    assert (todo["memo"], todo["position"], todo["quick_input"]) == (None, None, None)
    friend.phone.write("PUT", f"cheers/todos/{todo['id']}/", {"emoji": "👏🏽"}, first=201)
    friend.tablet.write("PUT", f"cheers/diaries/{seen['diary']['id']}/", {"emoji": "❤"}, first=201)
    own = person.tablet.get(f"days/{day}/")
    assert {(c["kind"], c["emoji"], c["count"], c["mine"]) for c in own["cheers"]} == {
        ("todo", "👏🏽", 1, False),
        ("diary", "❤️", 1, False),
    }


def live_a_week(address: str) -> None:
    """Run the week against the server at this address."""
    with ExitStack() as devices:
        mina = Person(address, "mina", timezone="Asia/Seoul")
        june = Person(address, "june", timezone="Asia/Seoul", locale="en")
        for person in (mina, june):
            devices.enter_context(closing(person.phone.http))
            devices.enter_context(closing(person.tablet.http))
        june.phone.write("PATCH", "me/", {"is_private": True})
        for person in (mina, june):
            person.create_goals()
        befriend(mina, june)
        assert june.phone.write("PUT", f"users/{mina.id}/follow/")["follow_state"] == "accepted"
        for offset, mood in zip(range(-6, 1), MOODS, strict=True):
            day = mina.today + dt.timedelta(offset)
            for person, friend in ((mina, june), (june, mina)):
                person.spend_day(day, mood)
                cheer(friend, person, day)
        for person in (mina, june):
            person.check_calendar()
            assert len(person.phone.listed("cheers/", received="true", page_size=5)) == 14
        mina.phone.write("POST", "auth/logout/", first=204)
        assert mina.phone.http.get("me/").status_code == 401
        assert mina.tablet.get("me/")["id"] == mina.id


@pytest.mark.django_db(transaction=True)
def test_two_people_live_a_week_on_two_phones_each(tmp_path: Path) -> None:
    with running_server(tmp_path) as address:
        live_a_week(address)
