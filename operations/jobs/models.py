"""A record of every job that ran."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Max

from core.model_fields import FOLDING, FoldedField

RETENTION = timedelta(days=90)


class Refolding(models.Model):
    """The progress of folding the texts of a column again (`operations.jobs.refolding`).

    Also of labelling diaries again (`operations.jobs.relabelling`). `folding` is the version of the
    rule by which rows are written. `position` is the key of the last row that was read, or empty
    between two passes.
    """

    column = models.CharField(max_length=100, primary_key=True)
    folding = models.PositiveSmallIntegerField()
    position = models.CharField(max_length=64, default="")
    passes = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.column} {self.folding}, {self.passes} passes"

    @classmethod
    def of(cls, field: FoldedField) -> Refolding:
        """Return the progress of the column, anew if its texts are folded in another way now."""
        return cls.named(str(field), FOLDING)

    @classmethod
    def named(cls, column: str, version: int) -> Refolding:
        """Return the progress with this name, anew if the rule has another version now."""
        state, _created = cls.objects.get_or_create(column=column, defaults={"folding": version})
        if state.folding != version:
            state.folding = version
            state.begin_anew()
        return state

    def begin_anew(self) -> None:
        """Forget all passes, as if none had begun."""
        self.position, self.passes, self.ended_at = "", 0, None
        self.save()

    def move_to(self, pk: object) -> None:
        """Record the last row that was read."""
        self.position = str(pk)
        self.save(update_fields=["position"])

    def end(self, now: datetime) -> None:
        """Record the end of a pass."""
        self.position, self.passes, self.ended_at = "", self.passes + 1, now
        self.save()


class Run(models.Model):
    """An attempt at a job.

    The job is running if `state` says so and a process holds its lock. `says` is the output of the
    job or its error.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    name = models.CharField(max_length=20)
    state = models.CharField(max_length=11, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    says = models.TextField(default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.state}, {self.started_at:%Y-%m-%d %H:%M} UTC"

    def end(self, state: State, now: datetime, message: str) -> None:
        """Record the result."""
        self.state = state
        self.ended_at = now
        self.says = message[:2000]
        self.save(update_fields=["state", "ended_at", "says"])

    @classmethod
    def begin(cls, name: str, now: datetime) -> Run:
        """Record a new attempt and delete old ones, except for the last success of each job.

        The caller holds the job's lock.
        """
        successes = cls.objects.filter(state=cls.State.SUCCEEDED)
        newest = successes.values("name").annotate(newest=Max("pk"))
        kept = list(newest.values_list("newest", flat=True))
        cls.objects.filter(started_at__lt=now - RETENTION).exclude(pk__in=kept).delete()
        return cls.objects.create(name=name, started_at=now)

    @classmethod
    def mark_interrupted(cls, name: str, now: datetime) -> None:
        """Mark the runs of a job that never ended as interrupted.

        The caller holds the job's lock, so no process is running it.
        """
        unfinished = cls.objects.filter(name=name, state=cls.State.RUNNING)
        unfinished.update(state=cls.State.INTERRUPTED, ended_at=now, says="interrupted")
