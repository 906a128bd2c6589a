"""Signing in with an email and a password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.models import User
from accounts.names import forms_of_password


class PasswordBackend(ModelBackend):
    """Django's backend, which takes the same time whether or not an account has the email."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        email = username if username is not None else kwargs.get(User.USERNAME_FIELD)
        if email is None or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            for form in forms_of_password(password):
                make_password(form)  # what checking it would have cost
            return None
        is_correct = user.check_password(password)
        return user if is_correct and self.user_can_authenticate(user) else None
