"""How passwords are hashed."""

from threading import Lock
from typing import ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """argon2id with 19 MiB, two passes and one lane: OWASP's recommendation.

    Django's own 100 MiB in eight lanes would let eight sign-ins at once exhaust a machine of 1 GB. Hashes made with
    other parameters still verify, and are made anew when their person signs in.

    A process computes one at a time: its threads would get no more done together, and hold 19 MiB each.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    turn: ClassVar[Lock] = Lock()

    def encode(self, password: str, salt: str) -> str:
        with self.turn:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self.turn:
            return super().verify(password, encoded)
