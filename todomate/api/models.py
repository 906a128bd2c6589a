"""What every row has, and how a row is changed."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from todomate.api.model_fields import BinaryUUIDField, FoldedField, new_id


class Stamped(models.Model):
    """A row with its two instants, both in UTC and set by the server."""

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        abstract = True

    def change(self, **values: Any) -> None:
        """Set these fields and save them alone, so that concurrent changes of other fields survive.

        What has these values already is not written: sent twice, a change leaves even `updated_at` as it was.
        """
        values = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not values:
            return
        for name, value in values.items():
            setattr(self, name, value)
        copies = {f.name for f in self._meta.concrete_fields if isinstance(f, FoldedField) and f.source in values}
        self.save(update_fields={*values, *copies, "updated_at"})


class Resource(Stamped):
    """A row that the API names by its UUID, made by the client (version 7) or here."""

    id = BinaryUUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        # Never the text of the row: this is what the admin and the logs print.
        return f"{self._meta.verbose_name} {self.pk}"
