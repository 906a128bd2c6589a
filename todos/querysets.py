"""Which todos, quick inputs and dismissals, and how they are fetched."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Case, Q, Value, When

from accounts.models import User
from accounts.visibility import visible_to
from core import days
from core.ordering import places_after_reorder
from core.problems import Problem
from goals.models import Goal
from resources.models import OwnedQuerySet, Tombstone
from todos.recurrence import WEEKDAYS

if TYPE_CHECKING:
    from todos.models import QuickInput, Todo


class TodoQuerySet(OwnedQuerySet):
    def visible_to(self, viewer: User) -> Self:
        """Mine, the archive included; others' dated ones by the visibility of their goal."""
        return self.filter(Q(owner=viewer) | (Q(date__isnull=False) & visible_to(viewer, Goal, "goal__")))

    def in_goals(self, goals: Sequence[UUID]) -> Self:
        return self.filter(goal__in=goals)

    def dated(self) -> Self:
        return self.filter(date__isnull=False)

    def archived(self) -> Self:
        return self.filter(date__isnull=True)

    def on(self, day: date) -> Self:
        return self.filter(date=day)

    def in_order(self) -> Self:
        return self.order_by("date", "position", "id")

    def offered(self, quick_input: "QuickInput", day: date) -> "Todo | None":
        """The todo that the offer of `day` became, wherever it was moved to."""
        todo: Todo | None = self.filter(quick_input=quick_input, offered_on=day).first()
        return todo

    def offered_between(self, quick_inputs: Sequence[UUID], first: date, last: date) -> Self:
        """What offers of these dates became, wherever it was moved to."""
        return self.filter(quick_input__in=quick_inputs, offered_on__gte=first, offered_on__lte=last)

    def came_from(self, viewer: User, quick_input: UUID) -> Self:
        """The viewer's own that came from this quick input; where others' came from is theirs alone."""
        return self.of(viewer).filter(quick_input=quick_input)

    # Several at once. Whatever adds a todo to a day, takes it away or changes its place holds the owner's lock; then
    # come quick inputs, then todos in the order of their ids, so that no two requests wait for each other.

    def locked(self, owner: User, ids: Sequence[UUID]) -> dict[UUID, "Todo"]:
        """The owner's todos with these ids, held until the transaction ends."""
        return _owned_by(owner, self.of(owner).filter(pk__in=ids).order_by("pk").select_for_update())

    def hold(self, owner: User, ids: Sequence[UUID]) -> None:
        """Lock the owner, and the quick inputs that these todos came from."""
        owner.lock()
        offered = self.of(owner).filter(pk__in=ids, quick_input__isnull=False)
        if quick_inputs := set(offered.values_list("quick_input", flat=True)):
            list(self._model("QuickInput").objects.filter(pk__in=quick_inputs).order_by("pk").select_for_update())

    def reorder(self, owner: User, *, ids: Sequence[UUID], date: date) -> list["Todo"]:
        """Put the owner's todos of this date, in this order, into the places they hold now; gives the day in order.

        The others keep theirs, ids that are not on that date are skipped. Sending it again changes nothing.
        """
        owner.lock()
        todos = _owned_by(owner, self.of(owner).on(date).order_by("pk").select_for_update())
        named = {pk: todos[pk] for pk in ids if pk in todos}
        self._place(dict(places_after_reorder(named, ids)))
        return sorted(todos.values(), key=lambda todo: (todo.position, todo.pk))

    def move(self, owner: User, *, ids: Sequence[UUID], date: date) -> dict[str, Any]:
        """Put the owner's todos, also from the archive, last on this date in this order: all of them or none.

        What was `moved`, and the ids of the `unchanged`, which are there already, and of the `missing`. Raises Problem
        `goal_not_active` or `limit`.
        """
        owner.lock()
        todos = self.locked(owner, ids)
        moved = [todo for pk in dict.fromkeys(ids) if (todo := todos.get(pk)) and todo.date != date]
        if moved:
            self._require_active({todo.goal_id for todo in moved if todo.date is None})
            first: int = self.model.room(owner, date, len(moved))
            self._place({todo: first + number for number, todo in enumerate(moved)}, date=date)
        taken = {todo.pk for todo in moved}
        unchanged = [pk for pk in dict.fromkeys(ids) if pk in todos and pk not in taken]
        return {"moved": moved, "unchanged": unchanged, "missing": [pk for pk in dict.fromkeys(ids) if pk not in todos]}

    def remove(self, owner: User, *, ids: Sequence[UUID]) -> dict[str, list[UUID]]:
        """Delete the owner's todos with these ids. Which are `deleted`, now or before, and which are `missing`."""
        self.hold(owner, ids)
        self.erase(owner, list(self.locked(owner, ids).values()))
        tombstones = Tombstone.objects.filter(owner=owner, kind=self.model.kind, pk__in=ids)
        deleted = set(tombstones.values_list("pk", flat=True))
        return {
            "deleted": [pk for pk in dict.fromkeys(ids) if pk in deleted],
            "missing": [pk for pk in dict.fromkeys(ids) if pk not in deleted],
        }

    def erase(self, owner: User, todos: Sequence["Todo"]) -> None:
        """Delete these rows, which are held, and remember that.

        The offers they came from are dismissed, so that they do not come back by themselves.
        """
        if not todos:
            return
        self._dismiss([(todo.quick_input_id, todo.offered_on) for todo in todos if todo.quick_input_id])
        ids = [todo.pk for todo in todos]
        Tombstone.objects.record(owner, self.model.kind, ids)
        self.filter(pk__in=ids).delete()

    def record_deletion(self, owner: User) -> None:
        """Also where their goal goes: they may have come from a quick input of another one."""
        self._dismiss(self.filter(quick_input__isnull=False).values_list("quick_input", "offered_on"))
        super().record_deletion(owner)

    def _dismiss(self, offers: Iterable[tuple[Any, Any]]) -> None:
        dismissal = self._model("Dismissal")
        rows = [dismissal(quick_input_id=quick_input, date=day) for quick_input, day in offers]
        dismissal.objects.bulk_create(rows, ignore_conflicts=True)

    def _place(self, places: Mapping["Todo", int], **same: Any) -> None:
        """Give each todo its position, and all of them the same other values: one statement."""
        if not places:
            return
        same["updated_at"] = days.now()
        for todo, position in places.items():
            for name, value in {"position": position, **same}.items():
                setattr(todo, name, value)
        positions = Case(*(When(pk=todo.pk, then=Value(position)) for todo, position in places.items()))
        self.filter(pk__in=[todo.pk for todo in places]).update(position=positions, **same)

    def _require_active(self, goals: set[UUID]) -> None:
        """Raise Problem `goal_not_active` when one of these goals takes no new todos."""
        if goals and Goal.objects.filter(pk__in=goals).exclude(state=Goal.State.ACTIVE).exists():
            raise Problem("goal_not_active")

    def _model(self, name: str) -> Any:
        return apps.get_model(self.model._meta.app_label, name)


def _owned_by(owner: User, todos: TodoQuerySet) -> dict[UUID, "Todo"]:
    """These todos by id, each with its owner, who is known."""
    for todo in todos:
        todo.owner = owner
    return {todo.pk: todo for todo in todos}


class QuickInputQuerySet(OwnedQuerySet):
    def locked(self, owner: User, pk: UUID) -> "QuickInput":
        """The owner's quick input, held until the transaction ends. Raises QuickInput.DoesNotExist."""
        quick_input: QuickInput = self.of(owner).select_for_update().get(pk=pk)
        quick_input.owner = owner
        return quick_input

    def active_between(self, first: date, last: date) -> Self:
        """Whose goal is active and whose range meets the one from `first` to `last`, both counted."""
        open_end = Q(ends_on__isnull=True) | Q(ends_on__gte=first)
        return self.filter(open_end, starts_on__lte=last, goal__state=Goal.State.ACTIVE)

    def on_weekday(self, weekday: str) -> Self:
        return self.filter(weekdays__contains=weekday)

    def active_on(self, day: date) -> Self:
        """Which have `day` in their range and its weekday."""
        open_end = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        return self.on_weekday(WEEKDAYS[day.weekday()]).filter(open_end, starts_on__lte=day)


class DismissalQuerySet(models.QuerySet[Any]):
    def of(self, quick_inputs: Sequence[UUID]) -> Self:
        return self.filter(quick_input__in=quick_inputs)

    def between(self, first: date, last: date) -> Self:
        return self.filter(date__gte=first, date__lte=last)
