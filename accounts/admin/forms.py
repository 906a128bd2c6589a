"""Admin forms for people and for signing in."""

from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.credentials import rates
from accounts.models import Session, User
from accounts.names import normalise_email
from core.problems import Throttled


class EmailMixin(forms.Form):
    """A form with an `email`, which is normalised as it is stored."""

    def clean_email(self) -> str:
        return normalise_email(self.cleaned_data["email"])


class PersonForm(EmailMixin, UserChangeForm):
    email = forms.EmailField(label=_("email"), max_length=254)

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}


class NewPersonForm(EmailMixin, AdminUserCreationForm):
    email = forms.EmailField(label=_("email"), max_length=254)
    nickname = forms.CharField(label=_("nickname"), max_length=30)

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}


class NewPasswordForm(AdminPasswordChangeForm):
    """Set another password and end all sessions of the person."""

    def save(self, commit: bool = True) -> User:
        user = cast(User, super().save(commit))
        Session.objects.of(user).delete()
        return user


class SignInForm(AdminAuthenticationForm):
    """Sign in to the admin. Attempts are counted as in the API, before the password is hashed."""

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("username"):
            try:
                email = normalise_email(self.cleaned_data["username"])
                rates.count_sign_in(cast(HttpRequest, self.request), email)
            except Throttled as problem:
                raise ValidationError(
                    _("Too many attempts. Try again in %(wait)s seconds."),
                    "throttled",
                    {"wait": problem.wait},
                ) from problem
        values = super().clean()
        user = self.get_user()
        if isinstance(user, User):
            rates.remember_network(cast(HttpRequest, self.request), user)
        return values
