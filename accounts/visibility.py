"""THE rule of who sees what. Goals, todos and diaries are visible by it and by nothing else."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User, exists_for


class Visibility(models.TextChoices):
    PRIVATE = "private", _("private")
    SELECTED = "selected", _("selected followers")
    FOLLOWERS = "followers", _("followers")
    PUBLIC = "public", _("public")


def visible_to(viewer: User, model: type[models.Model], path: str = "") -> Q:
    """The rows of `model` (it has owner, visibility and viewers) that the viewer may see.

    `path` leads from the filtered rows to `model`: "goal__" for todos. Mine; or, when neither of us has blocked the
    other, those shown to everyone by a person who is not private, those shown to followers when my follow is accepted,
    and those shown to selected people when I am among them. A viewer entry is a row on the follow itself, so it ends
    with it.
    """
    owner = f"{path}owner"
    accepted = Follow.objects.accepted().filter(follower=viewer)
    follows = Exists(accepted.filter(followee=OuterRef(owner)))
    return Q(**{owner: viewer}) | (
        exists_for(viewer, f"{owner}__")
        & (
            Q(**{f"{path}visibility": Visibility.PUBLIC, f"{owner}__profile__is_private": False})
            | (
                Q(**{f"{path}visibility__in": [Visibility.PUBLIC, Visibility.FOLLOWERS]})
                & Q(follows)
            )
            | (Q(**{f"{path}visibility": Visibility.SELECTED}) & Q(_chosen(viewer, model, path)))
        )
    )


def _chosen(viewer: User, model: type[models.Model], path: str) -> Exists:
    entries: Any = model._meta.get_field("viewers").remote_field.through  # type: ignore[union-attr]  # a relation
    row = {str(model._meta.model_name): OuterRef(f"{path}pk")}
    return Exists(
        entries.objects.filter(**row, follow__follower=viewer, follow__state=Follow.State.ACCEPTED)
    )
