"""Admin pages of people, sessions, follows, blocks, groups and the log of operators."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin import letters
from accounts.admin.base import (
    OperatorAdmin,
    ReadOnlyAdmin,
    count_message,
    operator_id,
    person_column,
)
from accounts.admin.forms import (
    InvitedPersonForm,
    NewPasswordForm,
    NewPersonForm,
    OwnPasswordForm,
    PersonForm,
    ProfileForm,
    SignInForm,
)
from accounts.credentials.browsers import end_browser_sessions, has_needed_factor
from accounts.models import Block, Follow, Profile, Session, User
from core.events import security_event

if TYPE_CHECKING:  # part of the stubs
    from django_stubs_ext import StrOrPromise

admin.site.site_header = _("TodoMate administration")
admin.site.site_title = _("TodoMate administration")
admin.site.index_title = _("Data on this server")
admin.site.login_form = SignInForm
admin.site.password_change_form = OwnPasswordForm


def may_enter(request: HttpRequest) -> bool:
    """Return whether the admin shows any page but that to sign in."""
    person = request.user
    is_operator = isinstance(person, User) and person.is_active and person.is_staff
    return is_operator and has_needed_factor(request)


admin.site.has_permission = may_enter  # type: ignore[method-assign]  # on this site


def reads_everything(operator: Any) -> bool:
    """Return whether an operator has each permission to read what people wrote."""
    return all(
        operator.has_perm(f"{model._meta.app_label}.{codename}")
        for model in apps.get_models()
        for codename, _name in model._meta.permissions
        if codename.startswith("read_")
    )


ROLES = ("is_staff", "is_superuser", "groups", "user_permissions")


class ProfileInline(admin.StackedInline):
    model = Profile
    form = ProfileForm
    can_delete = False
    readonly_fields = ("handle", "timezone", "locale", "is_private", "is_searchable", "is_open")
    fields = ("nickname", "bio", *readonly_fields)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class SessionName:
    """A column with the name of a session's device."""

    @admin.display(description=_("label"))
    def name(self, session: Session) -> str:
        return session.name


class SessionInline(SessionName, admin.TabularInline):
    """The sessions of a person. Deleting one signs out its device."""

    model = Session
    extra = 0
    fields = readonly_fields = ("name", "client", "created_at", "rotated_at", "ends_at")
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(OperatorAdmin, UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = NewPasswordForm
    inlines = (ProfileInline, SessionInline)
    list_display = ("email", "handle", "is_active", "is_staff", "created_at", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    list_select_related = ("profile",)
    readonly_fields = ("uuid", "created_at", "last_login")
    autocomplete_fields = ("groups",)
    filter_horizontal = ("user_permissions",)
    actions = ("activate", "deactivate", "end_sessions", "send_reset")
    people = ("pk",)
    fieldsets = (
        (None, {"fields": ("email", "password", "uuid")}),
        (_("Sign-in and permissions"), {"fields": ("is_active", *ROLES)}),
        (_("Dates"), {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "nickname", "usable_password", "password1", "password2")}),
    )

    @admin.display(description=_("handle"))
    def handle(self, user: User) -> str:
        return f"@{user.profile.handle}"

    # Operators who are not superusers can neither grant permissions nor change staff accounts. Who
    # may not read what people wrote can neither set a password nor an email, to which a reset
    # would be sent: otherwise they could sign in as that person.

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        fixed: tuple[str, ...] = () if request.user.is_superuser else ROLES
        if obj is not None and not reads_everything(request.user):
            fixed += ("email",)
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if reads_everything(request.user):
            return super().get_fieldsets(request, obj)
        if obj is None:
            return ((None, {"fields": ("email", "nickname")}),)
        (_title, _options), *others = self.fieldsets
        return ((None, {"fields": ("email", "uuid")}), *others)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None and not reads_everything(request.user):
            kwargs["form"] = InvitedPersonForm
        return super().get_form(request, obj, change=change, **kwargs)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002  # as in Django
        form_url: str = "",
    ) -> HttpResponse:
        """Set a person's password and tell them. The own one is changed on a page of its own."""
        person = self.get_object(request, unquote(id))
        if not reads_everything(request.user):
            raise PermissionDenied
        if person == request.user:
            return HttpResponseRedirect(reverse("admin:password_change"))
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if person and User.objects.filter(pk=person.pk).exclude(password=person.password).exists():
            letters.tell_password_set(person)
            security_event("password_set", person=person.uuid, operator=operator_id(request))
        return response

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_manage(request, obj)

    @staticmethod
    def may_manage(request: HttpRequest, person: User | None) -> bool:
        """Return whether the operator may change this person: only superusers may change staff."""
        return (
            request.user.is_superuser
            or person is None
            or not (person.is_staff or person.is_superuser)
        )

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        log_rights(request, obj, form.changed_data if change else ["created"])
        if not change:
            nickname = form.cleaned_data["nickname"]
            obj.profile = Profile.objects.create(
                user=obj, nickname=nickname, handle=Profile.free_handle(nickname)
            )
            if not obj.has_usable_password():
                letters.send_reset(obj)
            return
        if "email" in form.changed_data:
            obj.change(email_verified_at=None, pending_email=None)
            letters.tell_email_set(obj, form.initial["email"])
            operator = operator_id(request)
            security_event("email_changed", person=obj.uuid, by="operator", operator=operator)
        if not obj.is_active:
            obj.sessions.all().delete()
            end_browser_sessions([obj])

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for row in formset.deleted_objects:
            if isinstance(row, Session):
                log_ended(request, row)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        person = obj.uuid
        obj.remove()
        operator = operator_id(request)
        security_event("account_deleted", person=person, by="operator", operator=operator)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        super().delete_queryset(request, self.manageable(request, queryset))

    # Actions

    def manageable(
        self, request: HttpRequest, people: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """Return those of the people whom the operator may change."""
        if request.user.is_superuser:
            return people
        return people.filter(is_staff=False, is_superuser=False)

    @admin.action(description=_("Activate: allow sign-in"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self.set_active(request, queryset, is_active=True)

    @admin.action(
        description=_("Deactivate: sign out everywhere and hide from everyone"),
        permissions=["change"],
    )
    def deactivate(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self.set_active(request, queryset, is_active=False)

    def set_active(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *, is_active: bool
    ) -> None:
        people = list(self.manageable(request, queryset).order_by("pk"))
        message = _("Activated.") if is_active else _("Deactivated and signed out everywhere.")
        with transaction.atomic():
            for person in people:
                person.change(is_active=is_active)
            if not is_active:
                Session.objects.of_all(people).delete()
                end_browser_sessions(people)
            self.log_changes(request, people, message)
        for person in people:
            change = "activated" if is_active else "deactivated"
            operator = operator_id(request)
            security_event("account_changed", person=person.uuid, operator=operator, change=change)
        self.report_updates(request, people)

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        people = list(self.manageable(request, queryset).order_by("pk"))
        with transaction.atomic():
            Session.objects.of_all(people).delete()
            end_browser_sessions(people)
            self.log_changes(request, people, _("Signed out everywhere."))
        for person in people:
            operator = operator_id(request)
            security_event("sessions_ended", person=person.uuid, by="operator", operator=operator)
        self.report_updates(request, people)

    @admin.action(
        description=_("Send a mail with a link to choose a password"), permissions=["change"]
    )
    def send_reset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        people = list(self.manageable(request, queryset).filter(is_active=True).order_by("pk"))
        self.log_changes(request, people, _("Sent a mail with a link to choose a password."))
        for person in people:
            letters.send_reset(person)
            operator = operator_id(request)
            security_event(
                "password_reset_asked", person=person.uuid, by="operator", operator=operator
            )
        self.report_updates(request, people)

    def log_changes(
        self, request: HttpRequest, people: Sequence[User], message: "StrOrPromise"
    ) -> None:
        for person in people:
            self.log_change(request, person, str(message))

    def report_updates(self, request: HttpRequest, people: Sequence[User]) -> None:
        text = count_message(
            len(people), "%(count)s person was updated.", "%(count)s people were updated."
        )
        self.message_user(request, text, messages.SUCCESS)


@admin.register(Session)
class SessionAdmin(SessionName, ReadOnlyAdmin):
    list_display = ("id", "person", "name", "created_at", "rotated_at", "ends_at")
    shown_people = ("user__profile",)
    fields = ("id", "person", "name", "client", "created_at", "rotated_at", "ends_at")
    people = ("user",)
    person = person_column("user", _("person"))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        log_ended(request, cast(Session, obj))
        super().delete_model(request, obj)


def log_rights(request: HttpRequest, person: User, changed: Sequence[str]) -> None:
    """Log what an operator has changed of who may sign in and what they may do here."""
    if rights := sorted({"created", "is_active", *ROLES} & set(changed)):
        operator, change = operator_id(request), " ".join(rights)
        security_event("account_changed", person=person.uuid, operator=operator, change=change)


def log_ended(request: HttpRequest, session: Session) -> None:
    security_event(
        "session_ended",
        person=session.user.uuid,
        by="operator",
        operator=operator_id(request),
        session=session.id,
    )


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "followed", "state", "created_at")
    list_filter = ("state",)
    shown_people = ("follower__profile", "followee__profile")
    fields = ("person", "followed", "state", "created_at", "updated_at")
    people = ("follower", "followee")
    person = person_column("follower", _("person"))
    followed = person_column("followee", _("follows"))


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "blocks", "created_at")
    shown_people = ("blocker__profile", "blocked__profile")
    fields = ("person", "blocks", "created_at")
    people = ("blocker", "blocked")
    person = person_column("blocker", _("person"))
    blocks = person_column("blocked", _("blocks"))


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """The log of what operators did and read. Nobody can delete from it."""

    list_display = ("action_time", "message", "person", "content_type", "object_repr")
    shown_people = ("user__profile", "content_type")
    fields = ("action_time", "person", "content_type", "object_id", "object_repr", "message")
    readonly_fields = ("message",)
    list_filter = ("action_flag",)
    people = ("user",)
    person = person_column("user", _("operator"))

    @admin.display(description=_("action"))
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Groups of permissions. Only superusers can see and change them."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_delete_permission = has_change_permission  # the same answer
