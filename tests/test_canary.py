"""What is private of a person is in no answer to anyone else, whatever the operation.

A canary is a text, or an id, that is nowhere but in one place of one person. Every text column of
their rows has one by itself, and every operation of tests/operations.py is sent as readers who may
not see it, lists with every filter: what is added to the API is searched, too. A model that
`audience_of` does not know is private.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import models
from django.test import override_settings

from accounts.models import Block, Follow, Profile, Session, User
from cheers.models import Cheer
from core.model_fields import FoldedField
from diaries.models import Diary, DiaryPhoto
from diaries.models.labels import LabelKind, label_id
from goals.models import Goal
from photos.models import Photo
from resources.models import Owned
from tests.base import FAST_HASH, person
from tests.core.test_fast_lists import LISTS
from tests.operations import Operation, always_private_operations, operations
from tests.test_access_matrix import send
from tests.world import ACCOUNT_VISIBLE_TO, VISIBLE_TO, World, make_world, visible_to
from todos.models import Todo

READERS = ("anonymous", "stranger", "follower", "blocked")
OWNER_ONLY = frozenset({"owner"})
# Columns that have no words of the person's: they are set by the server or are one of few values.
NO_WORDS = {"emoji", "color", "kind", "timezone", "password", "client", "device", "network"}
# Models with texts that belong to nobody, or are of the server and in no answer.
OF_THE_SERVER = {
    "Attempt",
    "Invitation",
    "Label",
    "RecoveryCode",
    "Refolding",
    "Run",
    "SecondFactor",
}
# Whose body proves to be the owner, who gets their own account.
OF_THE_OWNER = re.compile(r"{(email|refresh|reset_token|email_token|sign_up_token|first_code)}")
# An emoji that only somebody who is hidden from all readers has cheered with.
HIDDEN_EMOJI = "🦑"
CANARY = re.compile(rf"cnry\d{{5}}x|[0-9a-f-]{{36}}|[\w.]+@example\.com|{HIDDEN_EMOJI}")


@dataclass
class Canaries:
    """The texts to search for, in lower case, each with the viewers who may see it."""

    audiences: dict[str, frozenset[str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    numbers = itertools.count(1)

    def add(self, text: str, place: str, audience: frozenset[str]) -> str:
        self.audiences[text.lower()] = audience
        self.places[text.lower()] = place
        return text

    def new(self, place: str, audience: frozenset[str], longest: int | None) -> str:
        """Return a new text of at most this length, for one column of one row."""
        return self.add(f"cnry{next(self.numbers):05}x"[: longest or 20], place, audience)

    def leaks(self, viewer: str, answer: str, request: str) -> list[str]:
        """Return the places whose text is in an answer that this viewer must not get it in.

        What the request had itself is no secret.
        """
        found = set(CANARY.findall(answer))
        return [
            f"{self.places[text]} ({text})"
            for text in found
            if viewer not in self.audiences.get(text, {viewer}) and text not in request
        ]


def audience_of(row: models.Model, visibility: str, *, is_open: bool) -> frozenset[str]:
    """Return the viewers who may see a row of the canary's."""
    audience = OWNER_ONLY  # of what this does not know, too
    match row:
        case User() | Profile():
            audience = ACCOUNT_VISIBLE_TO | {"anonymous"} if is_open else ACCOUNT_VISIBLE_TO
        case Goal():
            audience = VISIBLE_TO[visibility]
        case Todo() if row.date is not None:
            audience = VISIBLE_TO[visibility]
        case Diary(is_draft=False):
            audience = visible_to(visibility, is_open=is_open)
        case DiaryPhoto():
            audience = audience_of(row.diary, visibility, is_open=is_open)
        case Photo():
            for target in (
                *Todo.objects.filter(photo=row.pk),
                *DiaryPhoto.objects.filter(photo=row),
            ):
                audience = audience_of(target, visibility, is_open=is_open)
    return audience


def rows_of(owner: User) -> list[models.Model]:
    """Return the rows of everything that belongs to a person."""
    owned = [model for model in apps.get_models() if issubclass(model, Owned)]
    rows: list[models.Model] = [owner, owner.profile, *Session.objects.of(owner)]
    for model in owned:
        rows += model._default_manager.filter(owner=owner)
    return [*rows, *DiaryPhoto.objects.filter(diary__owner=owner)]


def text_columns(row: models.Model) -> list[models.Field[Any, Any]]:
    return [
        column
        for column in row._meta.concrete_fields
        if isinstance(column, (models.CharField, models.TextField))
        and not isinstance(column, FoldedField)
        and not column.choices
        and column.name not in NO_WORDS
    ]


# Private columns of rows that others may see.
PRIVATE_COLUMNS = {"memo", "email", "pending_email"}


def plant(world: World, *, is_open: bool) -> Canaries:
    """Write a canary into each text of the owner's, and let somebody hidden be their viewer."""
    owner = world.people["owner"]
    assert owner is not None
    canaries = Canaries()
    canaries.add(owner.email, "User.email", OWNER_ONLY)
    hidden = plant_hidden_person(world, owner)
    for value in (hidden.profile.nickname, hidden.profile.handle, str(hidden.uuid)):
        canaries.add(value, "somebody hidden", frozenset())
    canaries.add(HIDDEN_EMOJI, "a cheer of somebody hidden", OWNER_ONLY)
    for row in rows_of(owner):
        audience = audience_of(row, world.visibility, is_open=is_open)
        name = f"{type(row).__name__} of {world.visibility}"
        write(row, canaries, name, audience, world.names)
        if isinstance(row, Photo) and row.key != owner.profile.avatar:
            canaries.add(str(row.key), f"the key of a {name}", OWNER_ONLY)
        key = row.uuid if isinstance(row, User) else row.pk
        if not isinstance(row, (Profile, Cheer, DiaryPhoto)):
            canaries.add(str(key), f"the id of a {name}", audience)
    return canaries


def write(
    row: models.Model,
    canaries: Canaries,
    name: str,
    audience: frozenset[str],
    names: dict[str, Any],
) -> None:
    """Write a canary into each text of a row; note the labels of a diary in `names`."""
    values = {
        column.name: canaries.new(
            f"{column.name} of {name}",
            OWNER_ONLY if column.name in PRIVATE_COLUMNS else audience,
            column.max_length,
        )
        for column in text_columns(row)
        if column.name not in ("email", "handle")  # others are told apart by them
    }
    if isinstance(row, Profile):
        values["nickname"] = f"Owner {values['nickname']}"
    if isinstance(row, Diary):
        kind = "draft_" if row.is_draft else ""
        hashtag = names[f"{kind}hashtag"] = canaries.new(f"hashtag of {name}", audience, None)
        names[f"{kind}place"] = str(label_id(LabelKind.PLACE, values["place"]))
        values["body"] += f" #{hashtag} #good"
        row.edit(**values)  # with its labels
        return
    for column_name, text in values.items():
        setattr(row, column_name, text)
    row.save()


def plant_hidden_person(world: World, owner: User) -> User:
    """Create a chosen follower who exists for no reader: nobody must meet them in the rows."""
    hidden = person("cnry00000x")
    hidden.follow(owner)
    follow = Follow.objects.of(hidden, owner)
    for name in READERS[1:]:
        Block.objects.create(blocker=hidden, blocked=world.people[name])
    for row in rows_of(owner):
        if hasattr(row, "viewers"):
            row.viewers.add(*follow)
        if isinstance(row, (Todo, Diary)):
            Cheer.give(hidden, row, HIDDEN_EMOJI)
    return hidden


def requests_of(world: World) -> list[tuple[str, Operation]]:
    """Return each operation, lists by each of their filters, and creates with taken ids."""
    rows = [*operations().items(), *always_private_operations()]
    requests = [(name, row) for name, row in rows if not OF_THE_OWNER.search(str(row.body))]
    for name, each in LISTS.items():
        first = {key: values[0] for key, values in each.parameters.items()}
        always = {key: first.pop(key) for key in each.required}
        if "owner" in first:
            always["owner"] = first.pop("owner")
        queries = [always, *(always | {key: value} for key, value in first.items()), always | first]
        requests += [
            (name, Operation("GET", f"{each.path}?{urlencode(query, safe='{}')}", lambda *_: 0))
            for query in queries
        ]
    for hashtag in ("{hashtag}", "{draft_hashtag}"):
        for query in (f"hashtag={hashtag}", f"hashtag={hashtag}&owner={{owner}}"):
            requests.append(("list_posts", Operation("GET", f"posts/?{query}", lambda *_: 200)))
    for name, row in rows:
        if row.method == "POST" and isinstance(row.body, dict) and "id" in row.body:
            for taken in ("{goal}", "{draft}", "{quick_input}"):
                body = row.body | {"id": taken}
                requests.append((name, Operation("POST", row.path, row.rule, body)))
    return requests


def read(response: Any) -> str:
    """Return everything of an answer, in lower case: its status, headers and body."""
    body = response.content.decode(errors="replace")  # a picture has no text
    if "json" in response.get("Content-Type", ""):
        body = json.dumps(json.loads(body), ensure_ascii=False)
    return f"{response.status_code} {dict(response.items())} {body}".lower()


@pytest.mark.django_db
def test_each_model_with_texts_has_canaries() -> None:
    world = make_world("public")
    owner = world.people["owner"]
    assert owner is not None
    planted = {type(row).__name__ for row in rows_of(owner)}
    ours = [model for model in apps.get_models() if not model.__module__.startswith("django.")]
    with_texts = {model.__name__ for model in ours if text_columns(model())}
    assert with_texts <= planted | OF_THE_SERVER, (
        "rows_of() finds none of these: let tests/world.py make such a row of the owner's"
    )


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
@pytest.mark.parametrize(
    ("visibility", "is_open", "readers"),
    [
        ("private", False, READERS),
        ("private", True, ("anonymous",)),
        ("selected", True, ("anonymous", "follower")),
        ("followers", True, ("anonymous", "stranger")),
        ("public", False, ("anonymous", "blocked")),
        ("public", True, ("anonymous", "stranger")),
    ],
)
@pytest.mark.django_db
def test_nothing_private_is_in_any_answer_to_others(
    visibility: str, is_open: bool, readers: tuple[str, ...]
) -> None:
    world = make_world(visibility, is_open=is_open)
    world.names |= {"handle": world.people["owner"].profile.handle}
    canaries = plant(world, is_open=is_open)
    leaks, seen = [], set()
    requests = requests_of(world)
    for reader in readers:
        for name, operation in requests:
            names = world.names | world.names_of[reader]
            sent = World(world.visibility, world.people, world.phones, names)
            request = f"{sent.fill(operation.path)} {sent.fill(operation.body)}".lower()
            answer = read(send(world, reader, operation))
            found = canaries.leaks(reader, answer, request)
            leaks += [f"{name} as {reader}: {leak}" for leak in found]
            seen |= {name for name in canaries.audiences if name in answer}
    assert not leaks, "\n".join(leaks)
    # What they may see is found, so the search does find what is there.
    if is_open and visibility == "public":
        assert {
            "body of diary of public",
            "place of diary of public",
            "title of todo of public",
        } <= {canaries.places[text].lower() for text in seen}
