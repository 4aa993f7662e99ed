"""Databases to measure on: one of a million logins, its small twin, each with an embedded PostgreSQL of its own.

A place is a data directory. It is filled once, by `bench_data`, and kept.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from bench import cpu
from bench.fill import CLIENT
from entity_portal.postgres import ROOT, database_url

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
    def database_url(self) -> str:
        """Starts its PostgreSQL, which stops when this process has gone."""
        kept = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "PORTAL_DATA_DIR")}
        os.environ["PORTAL_DATA_DIR"] = str(self.folder)
        try:
            return database_url()
        finally:
            del os.environ["PORTAL_DATA_DIR"]
            os.environ.update({name: value for name, value in kept.items() if value is not None})

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.database_url, autocommit=True)

    @property
    def development(self) -> dict[str, str]:
        """What the operator's commands are told."""
        told = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEMO"}}
        return told | {"PORTAL_DATA_DIR": str(self.folder), "DJANGO_SETTINGS_MODULE": "entity_portal.settings"}

    def production(self, url: str) -> dict[str, str]:
        """What the server is told: a real installation, without TLS, which a proxy would end."""
        return self.development | {
            "DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "bench.serving",
            "SECRET_KEY": (self.folder / "secret_key").read_text(),
            "OIDC_SUBJECT_KEY": "y" * 50,
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

    def ask(self, module: str, *arguments: str) -> Any:
        """What a program of the benchmark that runs inside the portal has found: JSON in its last line.

        Raises:
            Failed
        """
        said = run([sys.executable, "-m", module, *arguments], self.production("http://127.0.0.1"))
        return json.loads(said.splitlines()[-1])

    @cached_property
    def postmaster(self) -> int:
        """The process all of its PostgreSQL is below."""
        assert self.database_url
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
        assert self.database_url  # holds the server over all that follows
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
