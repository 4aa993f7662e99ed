"""Databases to measure on: one of a million logins, its small twin, each with an embedded PostgreSQL of its own.

A place is a data directory. It is filled once, by `bench_data`, and kept.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg

from bench import cpu
from bench.fill import CLIENT
from entity_portal.postgres import ROOT, database_url, owner_url

OF_A_DATABASE = ("DATABASE_URL", "MIGRATE_DATABASE_URL", "PORTAL_DATA_DIR")
LARGE, SMALL = 1_000_000, 1_000  # logins


class Failed(Exception):
    """A program of the portal did not do what it should; what it said."""


@dataclass
class Place:
    """A data directory with a portal's database in it."""

    name: str  # large, small
    logins: int
    folder: Path

    @cached_property
    def database_urls(self) -> tuple[str, str]:
        """The portal's and the owner's. Starts its PostgreSQL, which stops when this process has gone."""
        told = {name: value for name, value in os.environ.items() if name not in OF_A_DATABASE}
        with mock.patch.dict(os.environ, told | {"PORTAL_DATA_DIR": str(self.folder)}, clear=True):
            return database_url(), owner_url()

    def connect(self) -> "psycopg.Connection[Any]":
        """As the owner of the tables."""
        return psycopg.connect(self.database_urls[1], autocommit=True)

    @property
    def development(self) -> dict[str, str]:
        """What the operator's commands are told."""
        told = {name: value for name, value in os.environ.items() if name not in {*OF_A_DATABASE, "DEMO"}}
        return told | {"PORTAL_DATA_DIR": str(self.folder), "DJANGO_SETTINGS_MODULE": "entity_portal.settings"}

    def production(self, url: str) -> dict[str, str]:
        """What the server is told: a real installation, without TLS, which a proxy would end."""
        return self.development | {
            "DATABASE_URL": self.database_urls[0],
            "DJANGO_SETTINGS_MODULE": "bench.serving",
            "SECRET_KEY": self.key("pages"),
            "OIDC_SUBJECT_KEY": self.key("subjects"),
            "OIDC_KEYS_DIR": str(self.folder / "oidc_keys"),
            "DATA_KEYS_DIR": str(self.folder / "data_keys"),
            "ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_URL": url,
            "TLS": "0",
            "TRUSTED_HOPS": "0",
            "SMS_BACKEND": "http_json",
            "SMS_HTTP_URL": "https://sms.example",
            "SMS_HTTP_FIELDS": "{}",
            "EMAIL_URL": "dummy:",
            "EMAIL_FROM": "portal@example.mo",
            "MALLOC_ARENA_MAX": "2",
        }

    def key(self, what: str) -> str:
        """The same each time for this folder, and not that of its development machine, which would be refused."""
        return sha256(f"{what}|{(self.folder / 'secret_key').read_text()}".encode()).hexdigest()

    def beside(self, url: str) -> dict[str, str]:
        """What a yardstick is told: it makes tables of its own."""
        return self.production(url) | {"DATABASE_URL": self.database_urls[1]}

    def ask(self, module: str, *arguments: str) -> Any:
        """What a program of the benchmark that runs inside the portal has found: JSON in its last line.

        Raises:
            Failed
        """
        told = self.beside if module.startswith("bench.yardsticks.") else self.production
        said = run([sys.executable, "-m", module, *arguments], told("http://127.0.0.1"))
        return json.loads(said.splitlines()[-1])

    @cached_property
    def postmaster(self) -> int:
        """The process all of its PostgreSQL is below."""
        assert self.database_urls
        return int((self.folder / "pg" / "postmaster.pid").read_text().split()[0])

    def cpu(self) -> float:
        """CPU seconds of its PostgreSQL so far."""
        return cpu.seconds(self.postmaster)

    def prepare(self) -> None:
        """Whatever is missing of it, `bench.fill`; what `bench_data` says is seen while it works.

        Raises:
            Failed
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        assert self.database_urls  # holds the server over all that follows
        command = [sys.executable, "-m", "bench.fill", str(self.logins)]
        if subprocess.call(command, cwd=ROOT, env=self.development, stdout=sys.stderr):
            raise Failed(f"{self.folder} could not be made ready")
        self.client: dict[str, str] = json.loads((self.folder / CLIENT).read_text())


def run(command: list[str], told: dict[str, str]) -> str:
    """Raises:
    Failed
    """
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(command[1:])}:\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}")
    return done.stdout
