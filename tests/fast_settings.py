"""The settings with a hash that costs nothing: for servers that fuzzers and phones sign in to a thousand times."""

from todomate.settings import *  # noqa: F403  # these are those settings

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
