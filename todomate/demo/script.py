"""Types that describe the demo's people.

Days are relative to the person's current date: -1 is yesterday.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from todomate.demo.people import SignIn

Cheers = Mapping[SignIn, str]


@dataclass(frozen=True)
class Todo:
    """A todo.

    By default todos of past days are done, and those of today and the future are not.
    """

    day: int
    title: str
    at: str | None = None
    memo: str = ""
    done: bool | None = None
    cheers: Cheers = field(default_factory=dict)


@dataclass(frozen=True)
class QuickInput:
    """A quick input. Most of its past offers are activated, a few ignored, some dismissed."""

    title: str
    weekdays: tuple[str, ...]
    at: str | None = None
    starts: int = -28
    ends: int | None = None


@dataclass(frozen=True)
class Goal:
    title: str
    color: str
    visibility: str
    todos: tuple[Todo, ...]
    quick_inputs: tuple[QuickInput, ...] = ()
    archive: tuple[str, ...] = ()
    viewers: tuple[SignIn, ...] = ()
    state: str = "active"


@dataclass(frozen=True)
class Diary:
    day: int
    mood: str
    temperature: int
    visibility: str
    body: str
    color: str | None = None
    viewers: tuple[SignIn, ...] = ()
    is_draft: bool = False
    place: str | None = None
    # Latitude and longitude
    position: tuple[float | None, float | None] = (None, None)
    cheers: Cheers = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    sign_in: SignIn
    profile: Mapping[str, str | int | bool]
    goals: tuple[Goal, ...]
    diaries: tuple[Diary, ...]
    # Local time: whether the alarm is on.
    alarms: Mapping[str, bool]


DAILY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = DAILY[:5]
WEEKEND = DAILY[5:]
