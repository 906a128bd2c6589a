"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """argon2id with 19 MiB, two passes and one lane: OWASP's recommendation.

    Django's own 100 MiB in eight lanes would let eight sign-ins at once exhaust a machine of 1 GB. Hashes made with
    other parameters still verify, and are made anew when their person signs in.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
