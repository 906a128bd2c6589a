"""The password hasher."""

from threading import Lock
from typing import ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """argon2id with 19 MiB, two passes and one lane, as OWASP recommends.

    With Django's default of 100 MiB in eight lanes, eight concurrent sign-ins would exhaust a
    machine with 1 GB. Hashes with other parameters remain valid, and are replaced when their
    owner signs in.

    A process computes one hash at a time: more threads would not be faster, and each would need
    19 MiB.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    lock: ClassVar[Lock] = Lock()

    def encode(self, password: str, salt: str) -> str:
        with self.lock:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self.lock:
            return super().verify(password, encoded)
