"""Goals: coloured groups of todos, which determine their visibility."""

from collections.abc import Iterator, Sequence
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User
from accounts.visibility import Visibility, visible_to
from core import clock
from core.model_fields import ExactCharField
from core.ordering import places_after_reorder
from core.problems import LimitReached, Problem
from resources.models import Owned, OwnedQuerySet

GOALS_PER_PERSON = 200


class GoalQuerySet(OwnedQuerySet["Goal"]):
    def visible_to(self, viewer: User) -> Self:
        return self.filter(visible_to(viewer, Goal))

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
        counts = {kind: rows.count() for kind, rows in contents.items()}
        if any(counts.values()) and not cascade:
            raise Problem("goal_not_empty", counts=counts)
        for rows in contents.values():
            rows.record_deletion(self.owner)
        super().remove()

    def require_active(self) -> None:
        """Raise Problem `goal_not_active` unless the goal accepts new todos."""
        if self.state != self.State.ACTIVE:
            raise Problem("goal_not_active")
