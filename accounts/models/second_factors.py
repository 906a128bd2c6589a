"""Second factors: a code of an authenticator app (TOTP, RFC 6238), or a recovery code."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from core.model_fields import ExactCharField
from core.models import Stamped

# What all authenticator apps can do: SHA-1, 6 digits, 30 seconds. The code before and the one after
# are accepted, too, for a phone's clock is never quite right.
STEP = 30
DIGITS = 6
STEPS_OFF = (0, -1, 1)
LEEWAY = timedelta(minutes=1)
SECRET_BYTES = 20
RECOVERY_CODES = 10
# For how long the first code can be right after it was accepted.
REPEATABLE = timedelta(seconds=STEP * len(STEPS_OFF))
SALT = "accounts.second-factor"
BATCH = 1000


class SecondFactorQuerySet(models.QuerySet["SecondFactor"]):
    def of(self, user: AbstractBaseUser) -> Self:
        return self.filter(user=user)

    def encrypt_again(self) -> int:
        """Encrypt with SECRET_KEY what a key of before has encrypted; return the number of rows."""
        count = last = 0
        while rows := self.filter(pk__gt=last).order_by("pk").values_list("pk", "secret")[:BATCH]:
            for pk, secret in rows:
                if (new := _with_present_key(secret)) != secret:
                    # Not if the person has started anew meanwhile.
                    count += SecondFactor.objects.filter(pk=pk, secret=secret).update(secret=new)
                last = pk
        return count


class SecondFactor(Stamped):
    """The secret that a person's authenticator app shares with the server. The user is locked.

    It is encrypted with a key that is made of SECRET_KEY, so a backup does not give it away. What
    the keys of SECRET_KEY_FALLBACKS have encrypted is read too, until `encrypt_again` replaces it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="second_factor"
    )
    secret = ExactCharField(max_length=200)
    # Null until the first code has shown that the app has the secret.
    confirmed_at = models.DateTimeField(null=True)
    # The time step of the last code that was accepted: none up to it is accepted again.
    last_step = models.BigIntegerField(default=0)

    objects = SecondFactorQuerySet.as_manager()

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @classmethod
    def start(cls, user: AbstractBaseUser) -> "SecondFactor":
        """Return the factor of the user; a new one, to be confirmed, if there is none."""
        factor = cls.objects.of(user).first()
        if factor is not None and factor.key is not None:
            return factor
        cls.objects.of(user).delete()
        encrypted = _cipher().encrypt(secrets.token_bytes(SECRET_BYTES)).decode()
        return cls.objects.create(user_id=user.pk, secret=encrypted)

    @property
    def key(self) -> bytes | None:
        """The secret; None if it was encrypted with another SECRET_KEY."""
        try:
            return _cipher().decrypt(self.secret)
        except InvalidToken:
            return None

    @property
    def typed_key(self) -> str:
        """The secret as it is typed into an app that cannot scan its URI."""
        return base64.b32encode(self.key or b"").decode()

    def uri(self, account: str, issuer: str) -> str:
        """Return what the QR code for an authenticator app holds."""
        return _totp(self.key or b"").get_provisioning_uri(account, issuer)

    def step_of(self, code: str, now: datetime) -> int | None:
        """Return the time step of a code that is valid now, None if it is not."""
        if len(code) != DIGITS or not (code.isascii() and code.isdigit()) or self.key is None:
            return None
        totp = _totp(self.key)
        present = int(now.timestamp()) // STEP
        steps = [present + off for off in STEPS_OFF]
        right = [
            step
            for step in steps
            if constant_time_compare(totp.generate(step * STEP).decode(), code)
        ]
        return right[0] if right else None

    @staticmethod
    def last_possible(now: datetime) -> int:
        """Return the last time step whose code can have been accepted until now.

        The clock of another web process may be ahead by a minute.
        """
        return int((now + LEEWAY).timestamp()) // STEP + max(STEPS_OFF)

    def spend(self, code: str, now: datetime) -> bool:
        """Return whether a code or a recovery code is right. Neither is right a second time."""
        code = "".join(code.split()).replace("-", "").upper()
        step = self.step_of(code, now)
        if step is None:
            if self.key is None:
                return False
            rows = RecoveryCode.objects.filter(user_id=self.pk, digest=self.digest(code))
            return rows.delete()[0] > 0
        # A step that is still to come was spent while the clock was ahead.
        if step <= self.last_step <= self.last_possible(now):
            return False
        self.change(last_step=step)
        return True

    def confirm(self, code: str, now: datetime) -> bool:
        """Turn the factor on with its first code. The same code again has no further effect.

        With a later code, such as that of a sign-in, the recovery codes would be shown again.
        """
        code = "".join(code.split())
        if self.confirmed_at is not None:
            is_first = now - self.confirmed_at <= REPEATABLE
            return is_first and self.step_of(code, now) == self.last_step
        if not self.spend(code, now):
            return False
        self.change(confirmed_at=now)
        digests = [self.digest(code.replace("-", "")) for code in self.recovery_codes]
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user_id=self.pk, digest=digest) for digest in digests
        )
        return True

    def digest(self, code: str) -> str:
        """Return the hash of a recovery code, of 50 random bits.

        It is keyed with the secret, which outlives an exchange of SECRET_KEY.
        """
        return salted_hmac(SALT, code, secret=self.key or b"", algorithm="sha256").hexdigest()

    @property
    def recovery_codes(self) -> Sequence[str]:
        """All recovery codes, for who has just confirmed. They are stored as hashes only."""
        codes = []
        for number in range(RECOVERY_CODES):
            mac = salted_hmac(SALT, f"code {number} {self.secret}", algorithm="sha256").digest()
            text = base64.b32encode(mac)[:10].decode()
            codes.append(f"{text[:5]}-{text[5:]}")
        return codes


class RecoveryCode(models.Model):
    """A code that replaces one of the app, once. The row is deleted when it is used."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes"
    )
    digest = ExactCharField(max_length=64)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [
            models.UniqueConstraint(name="recovery_code_of_user", fields=["user", "digest"])
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


def _totp(key: bytes) -> TOTP:
    return TOTP(key, DIGITS, SHA1(), STEP)  # noqa: S303  # of RFC 6238, and no hash of a text


def _cipher() -> MultiFernet:
    """Encrypt with SECRET_KEY, and decrypt with it or a key of before."""
    return MultiFernet([_fernet(key) for key in (None, *settings.SECRET_KEY_FALLBACKS)])


def _with_present_key(secret: str) -> str:
    """Return the secret encrypted with SECRET_KEY: the same if it is, or if its key is unknown."""
    try:
        _fernet(None).decrypt(secret)
    except InvalidToken:
        try:
            return _cipher().rotate(secret).decode()
        except InvalidToken:
            pass
    return secret


def _fernet(secret_key: str | None) -> Fernet:
    """Return the cipher of a key; None is SECRET_KEY."""
    key = salted_hmac(SALT, "key", secret=secret_key, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
