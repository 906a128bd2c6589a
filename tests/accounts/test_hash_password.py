"""Passwords at rest."""

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.test import SimpleTestCase


class HashPasswordTest(SimpleTestCase):
    def test_they_are_kept_as_argon2id_in_19_mib(self) -> None:
        kept = make_password("a walk by the river")
        assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert check_password("a walk by the river", kept)
        assert not check_password("a walk by the sea", kept)

    def test_a_hash_of_the_shipped_parameters_is_not_made_anew(self) -> None:
        kept = make_password("a walk by the river")
        assert not identify_hasher(kept).must_update(kept)
