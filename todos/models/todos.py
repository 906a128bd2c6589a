"""Todos, which are on a date or in the archive."""

import datetime as dt  # `date` and `time` are names of fields
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, Count, Max, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.visibility import visible_to
from core import clock
from core.erasing import AT_ONCE, count_with_dependents
from core.model_fields import FoldedField
from core.ordering import places_after_reorder
from core.problems import LimitReached, Problem
from core.quotas import require_room
from fastlists import compiled
from goals.models import Goal, InGoalQuerySet
from photos.models import Photo
from resources.models import Owned, Tombstone
from todos.models.quick_inputs import Dismissal, QuickInput

TODOS_PER_DAY = 200
TODOS_IN_ARCHIVE = 2_000


class TodoQuerySet(InGoalQuerySet["Todo"]):
    def visible_to(self, viewer: User | None) -> Self:
        """Return the viewer's own todos, and others' dated ones by the visibility of their goal."""
        rows = Q(date__isnull=False) & visible_to(viewer, Goal, "goal__")
        if viewer is not None:
            rows = Q(owner=viewer) | rows
        return self.filter(rows, goal__deleted_at__isnull=True)

    def in_goals(self, goals: Sequence[UUID]) -> Self:
        return self.filter(goal__in=goals)

    def dated(self) -> Self:
        return self.filter(date__isnull=False)

    def archived(self) -> Self:
        return self.filter(date__isnull=True)

    def on(self, day: dt.date) -> Self:
        return self.filter(date=day)

    def in_order(self) -> Self:
        return self.order_by("date", "position", "id")

    def first_offered(self, quick_input: QuickInput, day: dt.date) -> "Todo | None":
        """Return the todo that the offer of `day` became, wherever it was moved to."""
        return self.filter(quick_input=quick_input, offered_on=day).first()

    def offered_between(self, quick_inputs: Sequence[UUID], first: dt.date, last: dt.date) -> Self:
        """Return the todos that the offers of these dates became, wherever they were moved to."""
        return self.filter(
            quick_input__in=quick_inputs, offered_on__gte=first, offered_on__lte=last
        )

    def came_from(self, viewer: User, quick_input: UUID) -> Self:
        """Return the viewer's own todos of a quick input; the origin of others' is private."""
        return self.of(viewer).filter(quick_input=quick_input)

    # Several todos at once. To avoid deadlocks, locks are taken in this order: the owner, if todos
    # are added to a day, removed from it or moved within it; quick inputs; todos by id.

    def locked(self, owner: User, ids: Sequence[UUID]) -> dict[UUID, "Todo"]:
        """Return the owner's todos with these ids, locked until the transaction ends."""
        todos = self.of(owner).filter(pk__in=ids).order_by("pk").select_for_update()
        return _owned_by(owner, todos)

    def lock_with_origin(self, owner: User, ids: Sequence[UUID]) -> None:
        """Lock the owner, and the quick inputs that these todos came from."""
        owner.lock()
        offered = self.of(owner).filter(pk__in=ids, quick_input__isnull=False)
        if quick_inputs := set(offered.values_list("quick_input", flat=True)):
            rows = QuickInput.objects.filter(pk__in=quick_inputs)
            list(rows.order_by("pk").select_for_update())

    def reorder(self, owner: User, *, ids: Sequence[UUID], date: dt.date) -> list["Todo"]:
        """Put the owner's todos of a date into this order. Return the day in order.

        The given todos share the positions that they hold now, and the others keep theirs. Ids
        that are not on that date are skipped. Idempotent.
        """
        owner.lock()
        todos = _owned_by(owner, self.of(owner).on(date).order_by("pk").select_for_update())
        given = {pk: todos[pk] for pk in ids if pk in todos}
        self._set_positions(dict(places_after_reorder(given, ids)))
        return sorted(todos.values(), key=lambda todo: (todo.position, todo.pk))

    def move(self, owner: User, *, ids: Sequence[UUID], date: dt.date) -> dict[str, Any]:
        """Move the owner's todos, archived ones too, to the end of a date: all of them or none.

        Return the `moved` todos, the ids that are `unchanged` because they are there already, and
        the ids that are `missing`. Raise Problem `goal_not_active` or `limit`.
        """
        owner.lock()
        todos = self.locked(owner, ids)
        wanted = dict.fromkeys(ids)
        moved = [todos[pk] for pk in wanted if pk in todos and todos[pk].date != date]
        if moved:
            self._require_active({todo.goal_id for todo in moved if todo.date is None})
            first = Todo.next_position(owner, date, len(moved))
            positions = {todo: first + index for index, todo in enumerate(moved)}
            self._set_positions(positions, date=date)
        moved_ids = {todo.pk for todo in moved}
        return {
            "moved": moved,
            "unchanged": [pk for pk in wanted if pk in todos and pk not in moved_ids],
            "missing": [pk for pk in wanted if pk not in todos],
        }

    def remove(self, owner: User, *, ids: Sequence[UUID]) -> dict[str, list[UUID]]:
        """Delete the owner's todos with these ids.

        Return the ids that are `deleted`, now or before, and those that are `missing`.
        """
        self.lock_with_origin(owner, ids)
        self.erase(owner, list(self.locked(owner, ids).values()))
        tombstones = Tombstone.objects.filter(owner=owner, kind=Todo.kind, pk__in=ids)
        deleted = {*tombstones.values_list("pk", flat=True), *self.being_erased(owner, ids)}
        wanted = dict.fromkeys(ids)
        return {
            "deleted": [pk for pk in wanted if pk in deleted],
            "missing": [pk for pk in wanted if pk not in deleted],
        }

    def erase(self, owner: User, todos: Sequence["Todo"]) -> None:
        """Delete these locked todos, record their tombstones, and dismiss their offers.

        Otherwise the offers would appear again.
        """
        if not todos:
            return
        _dismiss((todo.quick_input_id, todo.offered_on) for todo in todos if todo.quick_input_id)
        ids = [todo.pk for todo in todos]
        Tombstone.objects.record(owner, Todo.kind, ids)
        rows = self.filter(pk__in=ids)
        at_most = AT_ONCE + len(ids)
        if count_with_dependents(rows, at_most) > at_most:
            # They have many cheers, and are erased with a goal that is deleted.
            owner.lock()
            rows.update(goal=Goal.hidden(owner))
        else:
            rows.delete()
        photos = [todo.photo_id for todo in todos if todo.photo_id]
        if photos:
            Photo.objects.filter(pk__in=photos).remove(owner)

    def record_deletion(self, owner: User) -> None:
        """Record the tombstones, dismiss the offers that the todos came from, delete their photos.

        The quick input of a todo may belong to another goal than the one that is deleted.
        """
        offered = self.filter(quick_input__isnull=False)
        _dismiss(offered.values_list("quick_input", "offered_on"))
        super().record_deletion(owner)
        photos = list(self.filter(photo__isnull=False).values_list("photo", flat=True))
        if photos:
            Photo.objects.filter(pk__in=photos).remove(owner)

    def _set_positions(self, positions: Mapping["Todo", int], **changes: object) -> None:
        """Set the position of each todo, and the same `changes` on all, in one statement."""
        if not positions:
            return
        changes["updated_at"] = clock.now()
        for todo, position in positions.items():
            todo.position = position
            for name, value in changes.items():
                setattr(todo, name, value)
        cases = [When(pk=todo.pk, then=Value(position)) for todo, position in positions.items()]
        rows = self.filter(pk__in=[todo.pk for todo in positions])
        rows.update(position=Case(*cases), **changes)

    def _require_active(self, goals: set[UUID]) -> None:
        """Raise Problem `goal_not_active` if one of these goals accepts no new todos."""
        if goals and Goal.objects.filter(pk__in=goals).exclude(state=Goal.State.ACTIVE).exists():
            raise Problem("goal_not_active")


def _dismiss(offers: Iterable[tuple[Any, Any]]) -> None:
    rows = [Dismissal(quick_input_id=quick_input, date=day) for quick_input, day in offers]
    Dismissal.objects.bulk_create(rows, ignore_conflicts=True)


def _owned_by(owner: User, todos: Iterable["Todo"]) -> dict[UUID, "Todo"]:
    """Return the todos by id, each with its owner set."""
    by_id = {}
    for todo in todos:
        todo.owner = owner
        by_id[todo.pk] = todo
    return by_id


class Todo(Owned):
    """A task for one date (할 일). Without a date it is in the archive (보관함)."""

    kind = "todo"

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="+", verbose_name=_("goal"))
    title = models.CharField(_("title"), max_length=200)
    # One character becomes up to 18.
    title_folded = FoldedField(source="title", max_length=3_600)
    memo = models.TextField(_("memo"), blank=True, default="", max_length=2_000)
    date = models.DateField(_("date"), null=True)
    time = models.TimeField(_("time"), null=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_done = models.BooleanField(_("done"), default=False)
    done_at = models.DateTimeField(_("done at"), null=True)
    quick_input = models.ForeignKey(
        QuickInput, models.SET_NULL, null=True, related_name="+", verbose_name=_("quick input")
    )
    offered_on = models.DateField(_("offered on"), null=True)
    # Without a constraint in the database, whose check would copy the whole table.
    photo = models.OneToOneField(
        Photo,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("photo"),
    )

    objects = TodoQuerySet.as_manager()

    class Meta:
        verbose_name = _("todo")
        verbose_name_plural = _("todos")
        permissions = [("read_todo", "Can read titles and memos of todos")]
        constraints = [
            # Todos that came from no quick input have NULLs, which are never equal.
            models.UniqueConstraint(name="todo_offer_once", fields=["quick_input", "offered_on"]),
            models.CheckConstraint(
                name="todo_done_at",
                condition=Q(is_done=True, done_at__isnull=False)
                | Q(is_done=False, done_at__isnull=True),
            ),
            models.CheckConstraint(
                name="todo_archived",
                condition=Q(date__isnull=False) | Q(time__isnull=True, is_done=False, position=0),
            ),
        ]
        indexes = [
            models.Index(name="todo_of_day", fields=["owner", "date", "position", "id"]),
            models.Index(name="todo_archive", fields=["owner", "date", "created_at", "id"]),
            # For the todos of one goal. It also replaces the index on `goal` alone, which MySQL
            # and MariaDB make for the foreign key and drop when there is a longer one.
            models.Index(name="todo_of_goal", fields=["goal", "date", "position", "id"]),
            # For the admin. `Cheer` has the reason for -id.
            models.Index(name="todo_of_all", fields=["created_at", "-id"]),
        ]

    # Creating

    @classmethod
    def add(cls, owner: User, *, goal: Goal, date: dt.date | None, **values: Any) -> "Todo":
        """Create a todo at the end of its day, or in the archive. `photo` is an id.

        Raise Problem `goal_not_active`, `limit` or `photo_in_use`.
        """
        goal.require_active()
        owner.lock()
        require_room("todos", owner.pk, lambda: cls.objects.of(owner))
        if values.get("is_done"):
            values["done_at"] = values.get("done_at") or clock.now()
        position = cls.next_position(owner, date)
        if photo := values.pop("photo", None):
            present = Photo.attach(owner, [photo])
            values["photo_id"] = photo if present else None
        return cls.insert(owner=owner, goal=goal, date=date, position=position, **values)

    @classmethod
    def next_position(cls, owner: User, day: dt.date | None, wanted: int = 1) -> int:
        """Return the position after the last todo of the day (0 in the archive).

        The owner must be locked. Raise Problem `limit` if there is no room for `wanted` more.
        """
        count, last = _taken.first(owner, day)
        limit = TODOS_IN_ARCHIVE if day is None else TODOS_PER_DAY
        if count + wanted > limit:
            raise LimitReached(limit)
        return 0 if day is None or last is None else last + 1

    @classmethod
    def having(cls, photos: list[UUID]) -> Iterable[UUID]:
        """Return those of these photos that are on a todo."""
        rows = cls.objects.filter(photo__in=photos)
        return [todo.photo_id for todo in rows.only("photo") if todo.photo_id is not None]

    # Changing

    def edit(self, **values: Any) -> None:
        """Apply the values of a PATCH: title, memo, time, is_done, done_at, goal, date, photo.

        `date=None` archives the todo, and `photo` is an id. The row must be locked, and before it
        the owner if a goal, a date or a photo is given. Idempotent. Raise Problem
        `goal_not_active`, `put_back_instead`, `limit` or `photo_in_use`.
        """
        goal: Goal | None = values.pop("goal", None)
        done = {name: values.pop(name) for name in ("is_done", "done_at") if name in values}
        if goal is not None and goal.pk != self.goal_id:
            goal.require_active()
            values["goal_id"] = goal.pk
        if "date" in values:
            values |= self.changes_for_move(values["date"], goal)
        if "is_done" in done:
            values |= self.changes_for_done(**done)
        before = self.photo_id
        if "photo" in values:
            values |= self.changes_for_photo(values.pop("photo"))
        self.change(**values)
        if before != self.photo_id and before is not None:
            Photo.objects.filter(pk=before).remove(self.owner)

    def archive(self) -> None:
        """Put the todo into the archive. The owner and the row must be locked. Idempotent.

        Raise Problem `put_back_instead` or `limit`.
        """
        self.edit(date=None)

    def changes_for_move(self, day: dt.date | None, goal: Goal | None = None) -> dict[str, Any]:
        """Return the changes that move the todo to the end of a day, or to the archive.

        `goal` is the goal that it gets at the same time. Raise Problem `goal_not_active`,
        `put_back_instead` or `limit`.
        """
        if day == self.date:
            return {}
        if day is None:
            if self.quick_input_id:
                raise Problem("put_back_instead")
            self.next_position(self.owner, None)  # raises `limit`
            return {"date": None, "time": None, "position": 0, "is_done": False, "done_at": None}
        if self.date is None:
            (goal or self.goal).require_active()
        return {"date": day, "position": self.next_position(self.owner, day)}

    def changes_for_photo(self, photo: UUID | None) -> dict[str, Any]:
        """Return the changes that give the todo this photo. Raise Problem `photo_in_use`."""
        added = [] if photo in (None, self.photo_id) else [photo]
        if added and not Photo.attach(self.owner, added):
            return {}  # it was deleted meanwhile
        return {"photo_id": photo}

    def changes_for_done(self, is_done: bool, done_at: dt.datetime | None = None) -> dict[str, Any]:
        """Return the changes that check or uncheck the todo; checking again keeps `done_at`."""
        if is_done == self.is_done:
            return {}
        return {"is_done": is_done, "done_at": (done_at or clock.now()) if is_done else None}

    def remove(self) -> None:
        """Delete the todo, and dismiss the offer that it came from."""
        Todo.objects.erase(self.owner, [self])


@compiled(Todo)
def _taken(owner: User, day: dt.date | None) -> models.QuerySet[Todo, Any]:
    """Select the number of todos on the day and the last position (null if there are none)."""
    todos = Todo.objects.of(owner).filter(date=day)
    # Grouped by a constant: by a column it took MariaDB 10.11 a third more processor time.
    everything = todos.values(all=Value(1))
    return everything.annotate(count=Count("pk"), last=Max("position")).values_list("count", "last")
