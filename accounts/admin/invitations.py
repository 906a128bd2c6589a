"""The admin's page of invitations: operators make them, see them and revoke them by deletion."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.admin.base import OperatorAdmin, operator_id
from accounts.models import Invitation
from accounts.models.invitations import digest
from core import clock
from core.events import security_event

DAYS = 7


@admin.register(Invitation)
class InvitationAdmin(OperatorAdmin):
    list_display = ("id", "note", "used", "uses", "ends_at", "created_at")
    fields = ("note", "uses", "ends_at")
    people = ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"uses": 1, "ends_at": clock.now() + timedelta(days=DAYS)}

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Invitation) -> None:
        number = obj.pk
        super().delete_model(request, obj)
        security_event("invitation_revoked", invitation=number, operator=operator_id(request))

    def save_model(
        self, request: HttpRequest, obj: Invitation, form: ModelForm, change: bool
    ) -> None:
        """Store the invitation, and show its link this one time."""
        code = Invitation.new_code()
        obj.digest = digest(code)
        super().save_model(request, obj, form, change)
        security_event("invitation_created", invitation=obj.pk, operator=operator_id(request))
        text = _("Copy this link now, it is not shown again: %(link)s (code: %(code)s)")
        link = {"link": Invitation.link(code), "code": code}
        self.message_user(request, text % link, messages.WARNING)
