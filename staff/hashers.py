"""Argon2id with OWASP's parameters: Django's own take 100 MiB a sign-in, a way to bring a server down (A19).

Setting and checking a password meet here and nowhere else, so here it becomes canonical: no way in can forget it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from django.contrib.auth.hashers import Argon2PasswordHasher

from entity_portal import metrics
from staff.passwords import canonical


class Argon2id(Argon2PasswordHasher):
    memory_cost = 19456  # KiB
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _measured():
            return super().encode(canonical(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _measured():
            return super().verify(canonical(password), encoded)


@contextmanager
def _measured() -> Iterator[None]:
    begun = perf_counter()
    try:
        yield
    finally:
        metrics.hash_seconds.observe(perf_counter() - begun)
