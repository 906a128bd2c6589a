"""The storage of passwords."""

import os
import re
import subprocess
import sys
from pathlib import Path
from unittest import skipUnless

from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.test import SimpleTestCase

from accounts.credentials.hashers import Argon2idHasher

ROOT = Path(__file__).resolve().parent.parent.parent
# Eight threads make and check hashes; prints by how many KiB the peak of the memory grew.
EIGHT = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from accounts.credentials.hashers import Argon2idHasher
def highest():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
hasher = Argon2idHasher()
kept = hasher.encode("a", "of eight characters")
before = highest()
with ThreadPoolExecutor(8) as threads:
    def work(n):
        return hasher.verify("a", kept) and hasher.encode("b", "of eight characters")
    assert all(threads.map(work, range(16)))
print(highest() - before)
"""


class HashPasswordTest(SimpleTestCase):
    def test_passwords_are_stored_as_argon2id_with_19_mib(self) -> None:
        kept = make_password("a walk by the river")
        assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert check_password("a walk by the river", kept)
        assert not check_password("a walk by the sea", kept)

    def test_a_hash_with_the_current_parameters_needs_no_update(self) -> None:
        kept = make_password("a walk by the river")
        assert not identify_hasher(kept).must_update(kept)

    @skipUnless(
        Path("/proc/self/status").exists(), "only Linux reports the peak of a process's memory"
    )
    def test_threads_hash_one_after_another_which_bounds_the_memory(self) -> None:
        (threshold,) = re.findall(
            r" (MALLOC_MMAP_THRESHOLD_)=(\d+)", (ROOT / "Dockerfile").read_text()
        )
        image = os.environ | dict([threshold])
        done = subprocess.run(
            [sys.executable, "-c", EIGHT], env=image, capture_output=True, text=True, check=True
        )
        assert int(done.stdout) < Argon2idHasher.memory_cost
