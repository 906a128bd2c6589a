"""Detection of repeated creates by the id that the client generated."""

from uuid import UUID

from accounts.models import User
from core.ids import holders
from core.problems import Problem
from resources.models import Owned, Tombstone


def was_created(model: type[Owned], owner: User, pk: UUID) -> bool:
    """Return whether the owner already has a row of `model` with this id.

    Raise Problem `deleted` (410) if the owner has deleted it, and `id_taken` (409) if the id
    belongs to anyone or anything else.
    """
    for label, owner_id in holders(pk):
        if owner_id == owner.pk and label == model._meta.label:
            return True
        if owner_id == owner.pk and label == Tombstone._meta.label:
            tombstone = Tombstone.objects.filter(pk=pk).first()  # None if purged since
            if tombstone is not None and tombstone.kind == model.kind:
                raise Problem("deleted")
        raise Problem("id_taken")
    return False
