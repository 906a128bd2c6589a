"""The visibility rule, the only one for goals, todos and diaries."""

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


def visible_to(viewer: User | None, model: type[models.Model], path: str = "") -> Q:
    """Return the condition that the viewer can see a row of `model`.

    `model` has an owner, a visibility and viewers. `path` leads from the filtered rows to it:
    "goal__" for todos. The viewer sees their own rows. If neither person has blocked the other,
    the viewer also sees rows that are

    - public, if the owner's account is not private;
    - public or for followers, if the viewer is an accepted follower of the owner;
    - for selected followers, if the viewer is one of them. Viewers are entered on the follow, so
      they are removed with it.

    A reader without an account (None) sees what is public of open people. This is a form of its
    own: compared with None, the conditions above would look for rows without an owner.
    """
    owner = f"{path}owner"
    if viewer is None:
        return Q(**{f"{path}visibility": Visibility.PUBLIC}) & exists_for(None, f"{owner}__")
    accepted = Follow.objects.accepted().filter(follower=viewer)
    follows = Exists(accepted.filter(followee=OuterRef(owner)))
    return Q(**{owner: viewer.pk}) | (  # fails for None, as a comparison with it would not
        exists_for(viewer, f"{owner}__")
        & (
            Q(**{f"{path}visibility": Visibility.PUBLIC, f"{owner}__profile__is_private": False})
            | (
                Q(**{f"{path}visibility__in": [Visibility.PUBLIC, Visibility.FOLLOWERS]})
                & Q(follows)
            )
            | (
                Q(**{f"{path}visibility": Visibility.SELECTED})
                & Q(_is_selected(viewer, model, path))
            )
        )
    )


def visible_to_follower(model: type[models.Model], follow: OuterRef | None) -> Q:
    """Return the condition that a row of `model` is visible to an accepted follower of its owner.

    It is the part of `visible_to` that depends on the row alone, for subqueries over follows, which
    check the rest once for each person. `follow` refers to the key of the follow, whose followee
    must be the owner and exist for the follower. It is None for followers who are selected for no
    row of the owner.
    """
    visible = Q(visibility__in=[Visibility.PUBLIC, Visibility.FOLLOWERS])
    if follow is None:
        return visible
    row = {str(model._meta.model_name): OuterRef("pk")}
    selected = Exists(viewer_entries(model).objects.filter(**row, follow=OuterRef(follow)))
    return visible | (Q(visibility=Visibility.SELECTED) & Q(selected))


def _is_selected(viewer: User, model: type[models.Model], path: str) -> Exists:
    """Return the condition that the viewer is one of the selected followers of a row."""
    entries = viewer_entries(model)
    row = {str(model._meta.model_name): OuterRef(f"{path}pk")}
    return Exists(
        entries.objects.filter(**row, follow__follower=viewer, follow__state=Follow.State.ACCEPTED)
    )


def viewer_entries(model: type[models.Model]) -> Any:
    """Return the model of the rows that connect `model` with the follows of its viewers."""
    viewers: Any = model._meta.get_field("viewers")
    return viewers.remote_field.through
