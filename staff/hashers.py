"""Argon2id with OWASP's parameters: Django's own take 100 MiB a sign-in, a way to bring a server down (A19)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    memory_cost = 19456  # KiB
    time_cost = 2
    parallelism = 1
