"""Labels: hashtags and places, and the posts that have them."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.model_fields import BinaryUUIDField, ExactCharField, fold
from diaries.hashtags import hashtags

PLACE_LENGTH = 80
# A folded text may be longer than the text: NFKC makes 18 characters of one. What is longer than
# this is told apart by its beginning.
FOLDED_LENGTH = 240
# For the ids of labels, which are made from the kind and the folded name.
NAMESPACE = UUID("6b0e8a9e-36a4-5d0f-9d5c-54f1a6a9c2d1")


class LabelKind(models.TextChoices):
    HASHTAG = "hashtag", _("hashtag")
    PLACE = "place", _("place")


def folded_name(name: str) -> str:
    """Return the form in which names of labels are compared: see `fold`; spaces are one space."""
    return " ".join(fold(name).split())[:FOLDED_LENGTH]


def label_id(kind: LabelKind, name: str) -> UUID:
    """Return the id of the label with this name, whether or not there is one.

    It depends on nothing else. So it tells nobody whether others have named the same place, nor
    when, and a private diary has the id of its place without a row that others could meet.
    """
    return uuid5(NAMESPACE, f"{kind.value}:{folded_name(name)}")


def labels_in(body: str, place: str | None) -> dict[UUID, tuple[LabelKind, str]]:
    """Return the kind and the name of each label of a diary with this body and place, by id."""
    names = [(LabelKind.HASHTAG, name) for name in hashtags(body)]
    if place is not None:
        names.append((LabelKind.PLACE, place))
    return {label_id(kind, name): (kind, name) for kind, name in names}


class LabelQuerySet(models.QuerySet["Label"]):
    def unused(self) -> Self:
        """Return the labels that no post has."""
        return self.filter(~Exists(Labelled.objects.filter(label=OuterRef("pk"))))


class Label(models.Model):
    """A hashtag (해시태그) or a place (장소) of posts.

    There is a row only for labels that a post has or had: what is private is on the diary alone.
    """

    id = BinaryUUIDField(primary_key=True, editable=False)
    kind = models.CharField(_("kind"), max_length=7, choices=LabelKind)
    # As the first post has it, which others may not see: show a diary's own text instead.
    name = ExactCharField(_("name"), max_length=PLACE_LENGTH)
    folded = ExactCharField(max_length=FOLDED_LENGTH)

    objects = LabelQuerySet.as_manager()

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints: ClassVar = [
            models.UniqueConstraint(name="label_of_kind", fields=["kind", "folded"])
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @classmethod
    def named(cls, kind: LabelKind, name: str) -> "Label":
        """Return a label that is not saved."""
        return cls(id=label_id(kind, name), kind=kind, name=name, folded=folded_name(name))


class LabelledQuerySet(models.QuerySet["Labelled"]):
    def of_post(self, post: int) -> Self:
        return self.of_posts([post])

    def of_posts(self, posts: Collection[int]) -> Self:
        by_number: dict[str, Any] = {"post_id__in": posts}  # a diary's key for the stubs
        return self.filter(**by_number)

    def labels_of(self, posts: Collection[int]) -> dict[int, set[UUID]]:
        """Return the ids of the labels of each of these posts that has one."""
        found: dict[int, set[UUID]] = {}
        rows: Any = self.of_posts(posts).values_list("post_id", "label_id")
        for post, label in rows:
            found.setdefault(post, set()).add(label)
        return found

    def after(self, last: tuple[UUID, int] | None, number: int) -> list[tuple[UUID, int]]:
        """Return the next rows in the order of their keys, as pairs of a label and a post."""
        rows: Any = self.order_by("label_id", "post_id").values_list("label_id", "post_id")
        if last is not None:
            label, post = last
            beyond = Q(label_id=label, post_id__gt=post) | Q(label_id__gt=label)
            rows = rows.filter(beyond, label_id__gte=label)
        return list(rows[:number])

    def replace(self, post: int, labels: Mapping[UUID, tuple[LabelKind, str]]) -> None:
        """Let the post have these labels and no others. The caller has locked its row.

        Many people may use a new label at once: whoever comes later finds it, or waits for the
        other to commit. The order of ids keeps them from waiting for each other.
        """
        rows = self.of_post(post)
        held = set(rows.values_list("label_id", flat=True))
        if gone := held - labels.keys():
            rows.filter(label_id__in=gone).delete()
        if added := sorted(labels.keys() - held):
            # Those that are there as well, which locks them on MySQL and MariaDB: where one is
            # deleted as unused before the second INSERT, IGNORE hides that its key refers to
            # nothing. PostgreSQL raises an error, after which the write is made again.
            Label.objects.bulk_create(
                [Label.named(*labels[pk]) for pk in added], ignore_conflicts=True
            )
            Labelled.objects.bulk_create(
                [Labelled(label_id=pk, post_id=post) for pk in added], ignore_conflicts=True
            )


class Labelled(models.Model):
    """A label of a post. Diaries that others cannot see have no rows here."""

    pk = models.CompositePrimaryKey("label", "post")
    # The database keeps a label that a post has: `unused` may have looked a moment before.
    label = models.ForeignKey(Label, models.DO_NOTHING, related_name="+", db_index=False)
    # Without a constraint in the database: a release that does not know this table deletes diaries.
    post = models.ForeignKey(
        "diaries.Diary",
        models.CASCADE,
        to_field="post",
        related_name="+",
        related_query_name="label_of_post",
        db_constraint=False,
    )

    objects = LabelledQuerySet.as_manager()

    class Meta:
        verbose_name = _("label of a post")
        verbose_name_plural = _("labels of posts")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
