"""Admin forms for people and for signing in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.forms import AdminPasswordChangeForm as AdminOwnPasswordForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.credentials import rates
from accounts.credentials.second_factor import require_code, wrong_codes_logged
from accounts.fields import EmailField, NicknameField
from accounts.models import Profile, Session, User
from accounts.names import normalise_email
from core import problems
from core.events import security_event
from core.problems import Problem, Throttled
from core.transactions import run_write


def as_in_api(field: serializers.Field, value: str) -> str:
    """Return the value as a field of the API takes it. Raise ValidationError if it does not."""
    try:
        return str(field.run_validation(value))
    except serializers.ValidationError as error:
        raise ValidationError([str(detail) for detail in cast(list[str], error.detail)]) from error


class EmailMixin(forms.Form):
    """A form with an `email`, which is checked and normalised as in the API."""

    def clean_email(self) -> str:
        email = normalise_email(self.cleaned_data["email"])
        return email if email == self.initial.get("email") else as_in_api(EmailField(), email)


class NicknameMixin(forms.Form):
    """A form with a `nickname`, which is checked as in the API."""

    def clean_nickname(self) -> str:
        nickname = str(self.cleaned_data["nickname"])
        if nickname == self.initial.get("nickname"):
            return nickname
        return as_in_api(NicknameField(), nickname)


class ProfileForm(NicknameMixin, forms.ModelForm):
    class Meta:
        model = Profile
        fields = ("nickname", "bio")


class PersonForm(EmailMixin, UserChangeForm):
    email = forms.EmailField(label=_("email"), max_length=254)

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}


class NewPersonForm(EmailMixin, NicknameMixin, AdminUserCreationForm):
    email = forms.EmailField(label=_("email"), max_length=254)
    nickname = forms.CharField(label=_("nickname"), max_length=30)

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}

    def _post_clean(self) -> None:
        # For the rules of passwords; the row is created by `save_model`.
        self.instance.profile = Profile(nickname=self.cleaned_data.get("nickname", ""))
        super()._post_clean()  # type: ignore[misc]  # not in the stubs


class InvitedPersonForm(EmailMixin, NicknameMixin, forms.ModelForm):
    """A new person, who chooses a password by the link of a mail."""

    email = forms.EmailField(label=_("email"), max_length=254)
    nickname = forms.CharField(label=_("nickname"), max_length=30)

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return cast(User, super().save(commit))


class NewPasswordForm(AdminPasswordChangeForm):
    """Set another password and end all sessions of the person."""

    def save(self, commit: bool = True) -> User:
        return run_write(lambda: self._save(commit))

    def _save(self, commit: bool) -> User:
        # Locked, so that nobody signs in with the password of before meanwhile.
        cast(User, self.user).lock()
        user = cast(User, super().save(commit))
        Session.objects.of(user).delete()
        return user


class OwnPasswordForm(AdminOwnPasswordForm):
    """Change the own password. It is checked and counted as in the API, and ends the sessions."""

    def clean_old_password(self) -> str:
        with throttled():
            rates.count_password(self.user)
        try:
            return str(super().clean_old_password())
        except ValidationError:
            security_event("password_refused", person=self.user.uuid)
            raise

    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        security_event("password_changed", person=user.uuid, by="admin")
        return user


@contextmanager
def throttled() -> Iterator[None]:
    """Raise ValidationError instead of Throttled."""
    try:
        yield
    except Throttled as problem:
        text = _("Too many attempts. Try again in %(wait)s seconds.")
        raise ValidationError(text, "throttled", {"wait": problem.wait}) from problem


class SignInForm(AdminAuthenticationForm):
    """Sign in to the admin. Attempts are counted as in the API, before the password is hashed."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        required=False,
        help_text=_("Of your authenticator app, or a recovery code, if you have set one up."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "form": "login-form"}),
    )

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        person = cast(User, user)
        super().confirm_login_allowed(person)
        if settings.OPERATORS_NEED_SECOND_FACTOR and not person.has_second_factor:
            raise ValidationError(
                _("Set up a second factor first: manage.py second_factor."), "second_factor"
            )

        def spend() -> None:
            person.lock()
            require_code(person, self.cleaned_data.get("code"))

        try:
            with wrong_codes_logged(person, by="admin"):
                run_write(spend)
        except Problem as problem:
            text = str(problems.CATALOGUE[problem.code].detail)
            raise ValidationError(text, problem.code) from problem

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("username"):
            with throttled():
                email = normalise_email(self.cleaned_data["username"])
                rates.count_sign_in(cast(HttpRequest, self.request), email)
        values = super().clean()
        user = self.get_user()
        if isinstance(user, User):
            rates.remember_network(cast(HttpRequest, self.request), user)
        return values
