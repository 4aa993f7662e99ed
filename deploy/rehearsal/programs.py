"""What the rehearsal needs of the machine it runs on."""

import os
import shutil
from pathlib import Path

from deploy.rehearsal.network import Failed

# Program: the Debian package it comes from.
NEEDED = {
    "nginx": "nginx-light",
    "pgbouncer": "pgbouncer",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "openssl": "openssl",
    "curl": "curl",
    "mkfs.ext4": "e2fsprogs",
}


def postgres(program: str) -> str:
    """The path of one of PostgreSQL's programs: Debian's newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    return str(found[0] / program) if found else program


def demand() -> None:
    """Raises:
    Failed: not root, or a program is missing; says how to install it.
    """
    if os.geteuid() != 0:
        raise Failed("The rehearsal makes network namespaces: run it as root.")
    missing = {package for program, package in NEEDED.items() if not shutil.which(program)}
    if not Path(postgres("postgres")).is_absolute():
        missing.add("postgresql")
    if missing:
        packages = " ".join(sorted(missing))
        raise Failed(f"Missing: apt-get install --no-install-recommends {packages}")
