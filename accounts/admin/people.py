"""People in the admin: who may sign in, on which devices they are signed in, and whom they follow or block."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import OperatorAdmin, ReadOnlyAdmin, person_column, told
from accounts.admin.forms import NewPasswordForm, NewPersonForm, PersonForm, SignInForm
from accounts.models import Block, Follow, Profile, Session, User

admin.site.site_header = _("TodoMate administration")
admin.site.site_title = _("TodoMate administration")
admin.site.index_title = _("Data on this server")
admin.site.login_form = SignInForm

ROLES = ("is_staff", "is_superuser", "groups", "user_permissions")


class ProfileInline(admin.StackedInline):
    model = Profile
    can_delete = False
    fields = ("nickname", "bio", "handle", "timezone", "locale", "is_private", "is_searchable")
    readonly_fields = ("handle", "timezone", "locale", "is_private", "is_searchable")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SessionInline(admin.TabularInline):
    """Deleting one signs that device out."""

    model = Session
    extra = 0
    fields = readonly_fields = ("device", "created_at", "rotated_at", "ends_at")
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(OperatorAdmin, UserAdmin):
    form, add_form, change_password_form = PersonForm, NewPersonForm, NewPasswordForm
    inlines = (ProfileInline, SessionInline)
    list_display = ("email", "handle", "is_active", "is_staff", "created_at", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    list_select_related = ("profile",)
    readonly_fields = ("uuid", "created_at", "last_login")
    autocomplete_fields = ("groups",)
    filter_horizontal = ("user_permissions",)
    actions = ("activate", "deactivate", "end_sessions")
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

    # An operator is no superuser: they neither give rights nor take over somebody who has them.

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = () if request.user.is_superuser else ROLES
        return (*super().get_readonly_fields(request, obj), *fixed)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_within_reach(request, obj)

    @staticmethod
    def is_within_reach(request: HttpRequest, person: User | None) -> bool:
        return (
            request.user.is_superuser
            or person is None
            or not (person.is_staff or person.is_superuser)
        )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            nickname = form.cleaned_data["nickname"]
            Profile.objects.create(
                user=obj, nickname=nickname, handle=Profile.free_handle(nickname)
            )
        elif not obj.is_active:
            obj.sessions.all().delete()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        super().delete_queryset(request, self.reachable(request, queryset))

    # Actions

    def reachable(self, request: HttpRequest, people: Any) -> Any:
        return people if request.user.is_superuser else people.strangers()

    @admin.action(description=_("Activate: allow sign-in"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self.switch(request, queryset, is_active=True)

    @admin.action(
        description=_("Deactivate: sign out everywhere and hide from everyone"),
        permissions=["change"],
    )
    def deactivate(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self.switch(request, queryset, is_active=False)

    def switch(
        self, request: HttpRequest, queryset: models.QuerySet[Any], *, is_active: bool
    ) -> None:
        people = list(self.reachable(request, queryset).order_by("pk"))
        with transaction.atomic():
            for person in people:
                person.change(is_active=is_active)
            if not is_active:
                Session.objects.of_all(people).delete()
            self.log(
                request,
                people,
                _("Activated.") if is_active else _("Deactivated and signed out everywhere."),
            )
        self.message_user(
            request,
            told(len(people), "%(count)s person was updated.", "%(count)s people were updated."),
            messages.SUCCESS,
        )

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        people = list(self.reachable(request, queryset).order_by("pk"))
        with transaction.atomic():
            Session.objects.of_all(people).delete()
            self.log(request, people, _("Signed out everywhere."))
        self.message_user(
            request,
            told(len(people), "%(count)s person was updated.", "%(count)s people were updated."),
            messages.SUCCESS,
        )

    def log(self, request: HttpRequest, people: list[User], message: Any) -> None:
        for person in people:
            self.log_change(request, person, str(message))


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "device", "created_at", "rotated_at", "ends_at")
    shown_people = ("user__profile",)
    fields = ("id", "person", "device", "created_at", "rotated_at", "ends_at")
    people = ("user",)
    person = person_column("user", _("person"))


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "followed", "state", "created_at")
    list_filter = ("state",)
    shown_people = ("follower__profile", "followee__profile")
    fields = ("person", "followed", "state", "created_at", "updated_at")
    people = ("follower", "followee")
    person, followed = (
        person_column("follower", _("person")),
        person_column("followee", _("follows")),
    )


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("id", "person", "blocks", "created_at")
    shown_people = ("blocker__profile", "blocked__profile")
    fields = ("person", "blocks", "created_at")
    people = ("blocker", "blocked")
    person, blocks = person_column("blocker", _("person")), person_column("blocked", _("blocks"))


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What operators did and read. Nobody deletes from it."""

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

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Groups of rights; only superusers give rights."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_delete_permission = has_change_permission  # the same answer
