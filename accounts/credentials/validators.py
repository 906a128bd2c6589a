"""Rules for new passwords, beside Django's."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.names import has_context_word


class ContextWordsValidator:
    """Refuse passwords with words that are the first to be tried against this very account.

    These are the name of the service, the nickname, the handle, and the name in the email.
    """

    def validate(self, password: str, user: object = None) -> None:
        profile = getattr(user, "profile", None)
        names = [
            str(getattr(user, "email", "")).partition("@")[0],
            str(getattr(profile, "nickname", "")),
            str(getattr(profile, "handle", "")),
        ]
        if has_context_word(password, *names):
            raise ValidationError(self.get_help_text(), code="password_has_context_word")

    def get_help_text(self) -> str:
        return _(
            "The password must not contain the name of this service, your nickname, your handle"
            " or the name in your email."
        )
