"""The settings with a fast password hash, for servers to which a test signs in very often."""

from todomate.settings import *  # noqa: F403  # overrides one of them

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
