"""Goals: coloured groups of todos, which determine their visibility."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User
from accounts.visibility import Visibility, visible_to
from core import clock
from core.erasing import AT_ONCE, Tell, count_with_dependents, erase
from core.model_fields import ExactCharField
from core.ordering import places_after_reorder
from core.problems import LimitReached, Problem
from core.transactions import run_write
from resources.models import M_co, Owned, OwnedQuerySet, Tombstone

GOALS_PER_PERSON = 200


class GoalQuerySet(OwnedQuerySet["Goal"]):
    def of(self, owner: User) -> Self:
        return super().of(owner).filter(deleted_at__isnull=True)

    def visible_to(self, viewer: User | None) -> Self:
        return self.filter(visible_to(viewer, Goal), deleted_at__isnull=True)

    def deleted(self) -> Self:
        """Return the goals that were deleted and are still to be erased."""
        return self.filter(owner__has_deleted_goals=True, deleted_at__isnull=False)

    def keys_of_deleted(self) -> list[UUID]:
        """Return the keys of `deleted`. There are none most of the time."""
        return list(self.deleted().values_list("pk", flat=True))

    def present(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def in_order(self) -> Self:
        return self.order_by("position", "id")

    def reorder(self, owner: User, ids: Sequence[UUID]) -> None:
        """Put the owner's goals with these ids into this order.

        They share the positions that they hold now, and other goals keep theirs. Ids that are not
        goals of the owner are skipped. Idempotent.
        """
        owner.lock()
        goals = self.of(owner).in_bulk(ids)
        moved = []
        for goal, position in places_after_reorder(goals, ids):
            goal.position = position
            goal.updated_at = clock.now()
            moved.append(goal)
        self.bulk_update(moved, ["position", "updated_at"])


class InGoalQuerySet(OwnedQuerySet[M_co]):
    """A QuerySet of a model with a `goal`. The rows of a deleted goal are deleted with it."""

    def of(self, owner: User) -> Self:
        rows = super().of(owner)
        return rows.filter(goal__deleted_at__isnull=True) if owner.has_deleted_goals else rows

    def being_erased(self, owner: User, ids: Iterable[UUID]) -> list[UUID]:
        if not owner.has_deleted_goals:
            return []
        rows = self.filter(owner=owner, pk__in=ids, goal__deleted_at__isnull=False)
        return list(rows.values_list("pk", flat=True))

    def present(self) -> Self:
        goals = Goal.objects.keys_of_deleted()
        return self.exclude(goal__in=goals) if goals else self


class Goal(Owned):
    """A group of todos (목표), with their visibility."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        DONE = "done", _("done")
        ENDED = "ended", _("ended")
        STOPPED = "stopped", _("stopped")

    kind = "goal"

    title = models.CharField(_("title"), max_length=200)
    color = ExactCharField(_("colour"), max_length=7, default="#7A7AFF")
    visibility = models.CharField(
        _("visibility"), max_length=9, choices=Visibility, default=Visibility.PRIVATE
    )
    # Follows, not people: when a follow is deleted, its viewer entries are deleted by cascade.
    viewers = models.ManyToManyField(Follow, related_name="+", verbose_name=_("viewers"))
    position = models.PositiveIntegerField(_("position"), default=0)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ACTIVE)
    # When the goal was deleted, if its contents are still to be erased (`remove`).
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        permissions = [("read_goal", "Can read the titles of goals")]
        indexes = [models.Index(name="goal_in_order", fields=["owner", "position", "id"])]

    @classmethod
    def add(cls, owner: User, **values: object) -> "Goal":
        """Create a goal, the last in order. Raise Problem `limit`."""
        owner.lock()
        goals = cls.objects.of(owner)
        result = goals.aggregate(count=models.Count("pk"), last=Max("position"))
        if result["count"] >= GOALS_PER_PERSON:
            raise LimitReached(GOALS_PER_PERSON)
        position = 0 if result["last"] is None else result["last"] + 1
        return cls.insert(owner=owner, position=position, **values)

    # Deleting

    def contents(self) -> Iterator[tuple[str, OwnedQuerySet]]:
        """Yield the kinds of rows that refer to the goal, each with its rows.

        Their models are found by their relations, because this app must not import theirs.
        """
        for relation in self._meta.get_fields(include_hidden=True):
            model = relation.related_model
            if relation.auto_created and isinstance(model, type) and issubclass(model, Owned):
                rows = model._default_manager
                yield model.kind, rows.filter(goal=self)  # type: ignore[misc]  # all have a goal

    def remove(self, *, cascade: bool = False) -> None:
        """Delete the goal, and its contents if `cascade` is true.

        Raise Problem `goal_not_empty` with the counts of the contents.
        """
        self.owner.lock()
        contents = dict(self.contents())
        if not cascade:
            counts = {kind: rows.count() for kind, rows in contents.items()}
            if any(counts.values()):
                raise Problem("goal_not_empty", counts=counts)
        if count_with_dependents(Goal.objects.filter(pk=self.pk), AT_ONCE) > AT_ONCE:
            self.mark_deleted()
            return
        for rows in contents.values():
            rows.record_deletion(self.owner)
        super().remove()

    def mark_deleted(self) -> None:
        """Hide the goal and its contents from everyone. `manage.py jobs` erases them.

        The owner must be locked.
        """
        for _kind, rows in self.contents():
            rows.hide(self.owner)
        Tombstone.objects.record(self.owner, self.kind, [self.pk])
        Goal.objects.filter(pk=self.pk).update(deleted_at=clock.now())
        User.objects.filter(pk=self.owner_id).update(has_deleted_goals=True)

    @classmethod
    def hidden(cls, owner: User) -> "Goal":
        """Create a goal that is deleted already, for rows that are to be erased with it.

        The owner must be locked.
        """
        goal = cls.objects.create(owner=owner, title="", deleted_at=clock.now())
        User.objects.filter(pk=owner.pk).update(has_deleted_goals=True)
        return goal

    def erase(self, tell: Tell | None = None) -> None:
        """Erase a marked goal with its contents, in batches. It can be interrupted and repeated."""
        owner = self.owner
        # The todos before the quick inputs that they came from, to which they refer.
        for _kind, rows in reversed(list(self.contents())):
            erase(rows, lambda batch: batch.record_deletion(owner), tell)
        erase(Goal.objects.filter(pk=self.pk), tell=tell)
        run_write(lambda: Goal._forget_mark(owner))

    @staticmethod
    def _forget_mark(owner: User) -> None:
        """Take back the owner's mark if no deleted goal of theirs is left."""
        owner.lock()
        if not Goal.objects.filter(owner=owner, deleted_at__isnull=False).exists():
            User.objects.filter(pk=owner.pk).update(has_deleted_goals=False)

    def require_active(self) -> None:
        """Raise Problem `goal_not_active` unless the goal accepts new todos."""
        if self.state != self.State.ACTIVE:
            raise Problem("goal_not_active")
