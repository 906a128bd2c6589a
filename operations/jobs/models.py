"""What ran when, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Max

KEEP = timedelta(days=90)


class Run(models.Model):
    """One attempt at a job. It runs as long as it is `running` and somebody holds the job's lock."""

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

    def end(self, state: State, now: datetime, says: str) -> None:
        self.state, self.ended_at, self.says = state, now, says[:2000]
        self.save(update_fields=["state", "ended_at", "says"])

    @classmethod
    def begin(cls, name: str, now: datetime) -> Run:
        """A new attempt; those that are long past are forgotten, but for each job's last success.

        The caller holds the lock.
        """
        newest = (
            cls.objects.filter(state=cls.State.SUCCEEDED).values("name").annotate(newest=Max("pk"))
        )
        kept = list(newest.values_list("newest", flat=True))
        cls.objects.filter(started_at__lt=now - KEEP).exclude(pk__in=kept).delete()
        return cls.objects.create(name=name, started_at=now)

    @classmethod
    def settle(cls, name: str, now: datetime) -> None:
        """What is said to run and has no one at it was broken off. The caller holds the lock."""
        left = cls.objects.filter(name=name, state=cls.State.RUNNING)
        left.update(state=cls.State.INTERRUPTED, ended_at=now, says="broken off")
