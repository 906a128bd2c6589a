"""Serializer fields for emails, handles, passwords, nicknames and device names."""

import re
from typing import Any

from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field

from accounts.names import TYPED_LENGTH, normalise_email, normalise_password, refused_handle
from core.fields import (
    SOME_TEXT_PATTERN,
    LineField,
    StringField,
    stored_value,
)
from core.model_fields import fold

# The schema states this pattern: RFC 5322's atoms without quoting, and a host name in ASCII.
EMAIL_PATTERN = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"([A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{0,58}[A-Za-z0-9])$"
)
TYPED_HANDLE_PATTERN = r"^[A-Za-z0-9._]{4,30}$"
EMAIL_LENGTH = 254
PASSWORD_LENGTHS = (8, 128)
PASSWORD_OPTIONS: dict[str, Any] = {
    "max_length": PASSWORD_LENGTHS[1],
    "trim_whitespace": False,
    "write_only": True,
}


@extend_schema_field(
    {
        "type": "string",
        "maxLength": EMAIL_LENGTH,
        "pattern": EMAIL_PATTERN,
        "description": "Not case-sensitive.",
        "examples": ["alice@example.com"],
    }
)
class EmailField(StringField):
    """An email address, stored in lower case."""

    default_error_messages = {"invalid_email": _("Enter a valid email address.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": EMAIL_LENGTH} | kwargs)

    def to_internal_value(self, data: object) -> str:
        email = super().to_internal_value(data)
        if not re.fullmatch(EMAIL_PATTERN, email):
            self.fail("invalid_email")
        return normalise_email(email)


@extend_schema_field(
    {
        "type": "string",
        "pattern": TYPED_HANDLE_PATTERN,
        "description": "4 to 30 characters: a–z, 0–9, dots and underscores. Stored in lower case.",
        "examples": ["alice.kim"],
    }
)
class HandleField(StringField):
    """The unique name by which people find each other, stored in lower case."""

    default_error_messages = {
        "not_a_handle": _("A handle has 4 to 30 characters: a–z, 0–9, dots and underscores."),
        "shows_nothing": _("A handle has at least one letter or digit."),
        "reserved": _("This handle is reserved."),
    }

    def to_internal_value(self, data: object) -> str:
        handle: str = super().to_internal_value(data)
        if not re.fullmatch(TYPED_HANDLE_PATTERN, handle):
            self.fail("not_a_handle")
        handle = fold(handle)
        if (error := refused_handle(handle)) and handle != stored_value(self):
            self.fail(error)
        return handle


class PasswordLengthValidator(MinLengthValidator):
    """Django's MinLengthValidator, with the error code of its password validators."""

    code = "password_too_short"


@extend_schema_field(
    {
        "type": "string",
        "writeOnly": True,
        "description": "Must not be a common password or similar to the email, nor contain the name"
        " of the service, the nickname, the handle or the name in the email.",
        "examples": ["correct horse battery"],
    }
)
class NewPasswordField(StringField):
    """A new password, in NFC. Its strength is checked by `credentials.passwords.check_strength`."""

    default_validators = (PasswordLengthValidator(PASSWORD_LENGTHS[0]),)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**PASSWORD_OPTIONS | kwargs)

    def to_internal_value(self, data: object) -> str:
        return normalise_password(super().to_internal_value(data))


@extend_schema_field(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": PASSWORD_LENGTHS[1],
        "writeOnly": True,
    }
)
class PasswordField(StringField):
    """The current password of an account, as it was typed. Its length counts in NFC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**PASSWORD_OPTIONS | {"max_length": None} | kwargs)

    def to_internal_value(self, data: object) -> str:
        password = super().to_internal_value(data)
        longest = PASSWORD_LENGTHS[1]
        if len(password) > TYPED_LENGTH or len(normalise_password(password)) > longest:
            self.fail("max_length", max_length=longest)
        return password


class CodeField(StringField):
    """A code of an authenticator app, or a recovery code; spaces and dashes do not matter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 20, "write_only": True} | kwargs)


@extend_schema_field(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": 30,
        "pattern": SOME_TEXT_PATTERN,
        "examples": ["앨리스"],
    }
)
class NicknameField(LineField):
    """The name that others see; not unique."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 30} | kwargs)


@extend_schema_field(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": 100,
        "pattern": SOME_TEXT_PATTERN,
        "examples": ["Pixel 9"],
    }
)
class DeviceField(StringField):
    """The name of a device for people; not unique."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"max_length": 100, "required": False, "allow_null": True, "default": None} | kwargs
        )
