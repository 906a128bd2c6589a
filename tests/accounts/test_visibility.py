"""The rule of visibility, compared with a plain one for each visibility, relation and account."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db import models

from accounts.models import Block, Follow, Profile, User
from accounts.visibility import Visibility
from diaries.models import Diary
from goals.models import Goal
from resources.models import Owned
from tests.base import EMPTY_PAGE, ApiTest, ids, new_id, person
from tests.world import World, make_world
from todos.models import Todo


@dataclass(frozen=True)
class Relation:
    """The relation of a viewer to the owner, including some that the API cannot create."""

    is_owner: bool = False
    is_anonymous: bool = False  # a reader without an account
    follow: str | None = None  # pending, accepted
    follows_back: bool = False  # being followed by the owner gives no access
    is_chosen: bool = False  # among the viewers of all rows of the owner
    blocked_by_owner: bool = False
    blocks_owner: bool = False
    knows_another: bool = False  # follows, is chosen by and blocks another person


RELATIONS = {
    "owner": Relation(is_owner=True),
    "anonymous": Relation(is_anonymous=True),
    "stranger": Relation(),
    "accepted follower": Relation(follow="accepted"),
    "pending follower": Relation(follow="pending"),
    "followed by the owner": Relation(follows_back=True),
    "selected viewer": Relation(follow="accepted", is_chosen=True),
    "selected viewer, pending": Relation(follow="pending", is_chosen=True),
    "blocked by the owner": Relation(blocked_by_owner=True),
    "blocked by the owner, still a follower": Relation(
        follow="accepted", is_chosen=True, blocked_by_owner=True
    ),
    "blocker of the owner": Relation(blocks_owner=True),
    "blocker of the owner, still a follower": Relation(
        follow="accepted", is_chosen=True, blocks_owner=True
    ),
    "both block": Relation(blocked_by_owner=True, blocks_owner=True),
    "stranger who knows another": Relation(knows_another=True),
    "follower who knows another": Relation(follow="accepted", knows_another=True),
}


@dataclass(frozen=True)
class Account:
    is_private: bool
    is_active: bool = True
    is_open: bool = False


ACCOUNTS = [
    Account(is_private=False),
    Account(is_private=True),
    Account(is_private=False, is_active=False),
    Account(is_private=False, is_open=True),
    Account(is_private=True, is_open=True),
    Account(is_private=False, is_active=False, is_open=True),
]


def sees(relation: Relation, account: Account, visibility: str, *, for_others: bool = True) -> bool:
    """Return whether the rule shows a row; `for_others` is False for drafts and archived todos."""
    if relation.is_owner:
        return True
    if relation.is_anonymous:
        is_shown = account.is_open and account.is_active and not account.is_private
        return is_shown and for_others and visibility == "public"
    if (
        relation.blocked_by_owner
        or relation.blocks_owner
        or not account.is_active
        or not for_others
    ):
        return False
    if visibility == "public" and account.is_private:
        visibility = "followers"
    follows = relation.follow == "accepted"
    return {
        "public": True,
        "followers": follows,
        "selected": follows and relation.is_chosen,
        "private": False,
    }[visibility]


class VisibilityTest(ApiTest):
    """Owners with rows of every kind, and for each a viewer of every relation."""

    owners: dict[Account, User]
    viewers: dict[tuple[Account, str], User | None]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.owners = {account: person("Owner") for account in ACCOUNTS}
        cls.viewers = {}
        for account, owner in cls.owners.items():
            for name, relation in RELATIONS.items():
                cls.viewers[account, name] = None
                if relation.is_anonymous:
                    continue
                viewer = owner if relation.is_owner else person("Viewer")
                cls.viewers[account, name] = viewer
                cls.relate(viewer, owner, relation)
            profile = {"is_private": account.is_private, "is_open": account.is_open}
            Profile.objects.filter(pk=owner.pk).update(**profile)
            User.objects.filter(pk=owner.pk).update(is_active=account.is_active)
            cls.make_everything(owner)
        cls.relate_to_another()

    @classmethod
    def relate(cls, viewer: User, owner: User, relation: Relation) -> None:
        if relation.follow:
            Follow.objects.create(follower=viewer, followee=owner, state=relation.follow)
        if relation.follows_back:
            Follow.objects.create(follower=owner, followee=viewer, state="accepted")
        if relation.blocked_by_owner:
            Block.objects.create(blocker=owner, blocked=viewer)
        if relation.blocks_owner:
            Block.objects.create(blocker=viewer, blocked=owner)

    @classmethod
    def make_everything(cls, owner: User) -> None:
        """Create goals, todos, diaries, archived todos and drafts of each visibility."""
        chosen = [
            follow
            for (account, name), viewer in cls.viewers.items()
            if cls.owners[account] == owner and RELATIONS[name].is_chosen and viewer
            for follow in Follow.objects.of(viewer, owner)
        ]
        for number, visibility in enumerate(Visibility.values):
            goal = Goal.add(owner, title=visibility, visibility=visibility)
            goal.viewers.set(chosen)
            for day in (date(2026, 1, 1), None):
                Todo.add(owner, goal=goal, date=day, title=visibility)
            for is_draft in (False, True):
                day = date(2026, 1 + is_draft, 1 + number)
                diary = Diary.objects.create(
                    owner=owner, date=day, visibility=visibility, is_draft=is_draft
                )
                diary.viewers.set(chosen)

    @classmethod
    def relate_to_another(cls) -> None:
        """Create another owner, so that a mix-up of owners would show."""
        another, wall = person("Another", is_private=True), person("Wall")
        for (_account, name), viewer in cls.viewers.items():
            if viewer and RELATIONS[name].knows_another:
                Follow.objects.create(follower=viewer, followee=another, state="accepted")
                Block.objects.create(blocker=viewer, blocked=wall)
                Block.objects.create(blocker=wall, blocked=viewer)
        for number, visibility in enumerate(Visibility.values):
            goal = Goal.add(another, title="another's", visibility=visibility)
            diary = Diary.objects.create(
                owner=another, date=date(2026, 1, 1 + number), visibility=visibility
            )
            for row in (goal, diary):
                row.viewers.set(Follow.objects.filter(followee=another))

    def assert_visible_by_rule(
        self, model: Any, visibility: str, for_others: models.Q, extra: str
    ) -> None:
        """Assert that each viewer sees each owner's rows as `sees` says, and each row once."""
        for (account, name), viewer in self.viewers.items():
            rows = model.objects.of(self.owners[account])
            open_rows = set(rows.filter(for_others).values_list("pk", flat=True))
            seen = sorted(
                model.objects.visible_to(viewer)
                .of(self.owners[account])
                .values_list("pk", flat=True)
            )
            expected = sorted(
                pk
                for pk, shown_to in rows.values_list("pk", visibility)
                if sees(RELATIONS[name], account, shown_to, for_others=pk in open_rows)
            )
            with self.subTest(viewer=name, account=account, extra=extra):
                assert seen == expected

    def test_goals_are_visible_by_the_rule(self) -> None:
        self.assert_visible_by_rule(Goal, "visibility", models.Q(), "goals")

    def test_todos_are_visible_as_their_goal_is_and_archived_ones_to_their_owner(self) -> None:
        self.assert_visible_by_rule(Todo, "goal__visibility", models.Q(date__isnull=False), "todos")

    def test_diaries_are_visible_by_the_rule_and_drafts_to_their_owner(self) -> None:
        self.assert_visible_by_rule(Diary, "visibility", models.Q(is_draft=False), "diaries")

    def test_all_visible_rows_are_those_visible_of_each_owner(self) -> None:
        """A query without an owner shows no other rows."""
        another = {"selected", "followers", "public"}
        for (account, name), viewer in self.viewers.items():
            if RELATIONS[name].knows_another:
                with self.subTest(viewer=name, account=account):
                    theirs = Goal.objects.visible_to(viewer).filter(title="another's")
                    assert {goal.visibility for goal in theirs} == another
            else:
                assert not Goal.objects.visible_to(viewer).filter(title="another's").exists()

    def test_the_default_is_private(self) -> None:
        goal = Goal.add(self.alice, title="x")
        diary = Diary.objects.create(owner=self.alice, date=date(2026, 1, 1))
        assert (goal.visibility, diary.visibility) == ("private", "private")


class ExViewerTest(ApiTest):
    """A viewer loses access with the follow, and does not regain it by following again."""

    def test_a_viewer_sees_only_while_they_follow(self) -> None:
        ends = {
            "unfollows": lambda: self.bob.unfollow(self.alice),
            "is removed": lambda: self.alice.remove_follower(self.bob),
            "is blocked": lambda: (self.alice.block(self.bob), self.alice.unblock(self.bob)),
            "blocks": lambda: (self.bob.block(self.alice), self.bob.unblock(self.alice)),
        }
        for how, end in ends.items():
            goal = self.goal(visibility="selected")
            goal.viewers.set([self.bob.follow(self.alice)])
            assert Goal.objects.visible_to(self.bob).filter(pk=goal.pk).exists()
            end()
            with self.subTest(how=how):
                assert not Goal.objects.visible_to(self.bob).filter(pk=goal.pk).exists()
                self.bob.follow(self.alice)
                assert not Goal.objects.visible_to(self.bob).filter(pk=goal.pk).exists()

    def test_a_filter_by_a_hidden_id_answers_like_a_random_id(self) -> None:
        goal = self.goal(visibility="followers")
        todo = Todo.add(self.alice, goal=goal, date=self.today, title="x")
        diary = Diary.objects.create(owner=self.alice, date=self.today, visibility="followers")
        alice = f"owner={self.alice.uuid}"
        filters = (
            (f"todos/?{alice}&goal=", goal.pk),
            ("todos/?goal=", goal.pk),
            ("archive/?goal=", goal.pk),
            ("quick-inputs/?goal=", goal.pk),
            (f"todos/?{alice}&quick_input=", goal.pk),
            ("cheers/?todo=", todo.pk),
            ("cheers/?diary=", diary.pk),
        )
        for url, hidden in filters:
            with self.subTest(url=url):
                empty = EMPTY_PAGE
                for pk in (hidden, new_id()):
                    assert self.ok(self.as_charlie.get(f"{url}{pk}")) == empty

    def test_hidden_rows_are_in_no_list_of_their_owner(self) -> None:
        goal = self.goal(visibility="followers")
        Todo.add(self.alice, goal=goal, date=self.today, title="secret")
        Diary.objects.create(owner=self.alice, date=self.today, visibility="followers")
        self.bob.block(self.alice)
        for client in (self.as_charlie, self.as_bob):
            for what in ("goals/?", "todos/?", "todos/?q=secret&", f"diaries/?date={self.today}&"):
                with self.subTest(what=what):
                    assert (
                        ids(self.ok(client.get(f"{what}owner={self.alice.uuid}"))["results"]) == []
                    )


class WithoutAccountTest(ApiTest):
    """A reader without an account, asked of each model that belongs to people."""

    def seen_in(self, world: World) -> set[str]:
        models_of_people = [model for model in apps.get_models() if issubclass(model, Owned)]
        assert {model.kind for model in models_of_people} >= {"goal", "todo", "diary", "alarm"}
        return {
            model.kind
            for model in models_of_people
            if model._default_manager.visible_to(None).exists()  # type: ignore[attr-defined]  # all have it
        }

    def test_nothing_of_people_who_are_not_open(self) -> None:
        assert self.seen_in(make_world("public")) == set()

    def test_what_is_public_of_open_people_and_of_no_other_kind(self) -> None:
        assert self.seen_in(make_world("public", is_open=True)) == {
            "goal",
            "todo",
            "diary",
            "cheer",
        }

    def test_nothing_else_of_open_people(self) -> None:
        for visibility in ("private", "selected", "followers"):
            assert self.seen_in(make_world(visibility, is_open=True)) == set()
