#!/usr/bin/env python3
"""The way in: `python3 manage.py demo` and `python3 manage.py test` work from a fresh clone.

Outside the project's environment it makes `.venv` from `requirements.lock` first and goes on inside it.
With Django importable it is an ordinary `manage.py`. Standard library only up to that point.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
LOCK = HERE / "requirements.lock"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def main() -> None:
    if importlib.util.find_spec("django") is None:
        enter_environment()
    if sys.argv[1:2] == ["test"]:
        os.chdir(HERE)
        if "--coverage" in sys.argv:
            sys.exit(watched([each for each in sys.argv[2:] if each != "--coverage"]))
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[2:]])
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entity_portal.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def watched(arguments: list[str]) -> int:
    """Run the tests and say which of our lines they did not reach: a failure too, where that is too many."""
    with tempfile.TemporaryDirectory() as folder:  # two runs at once do not mix what they saw
        environment = os.environ | {"COVERAGE_FILE": str(Path(folder, "seen"))}
        steps = (["run", "-m", "pytest", *arguments], ["combine", "--quiet"], ["report"])
        ends = [subprocess.call([sys.executable, "-m", "coverage", *step], env=environment) for step in steps]
    return next(filter(None, ends), 0)


def enter_environment() -> None:
    """Replace this process by the same command inside `.venv`, which is made or renewed where needed."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}.")
    if Path(sys.prefix).resolve() == VENV.resolve():
        sys.exit("Django is missing from .venv: delete that folder and run the command again.")
    with (HERE / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two first commands at once install once
        install()
    os.execv(PYTHON, [str(PYTHON), str(HERE / "manage.py"), *sys.argv[1:]])


def install() -> None:
    """Install the locked versions, checked by hash, unless exactly these are there already."""
    want = hashlib.sha256(LOCK.read_bytes() + sys.version.encode() + str(VENV).encode()).hexdigest()
    stamp = VENV / ".installed"
    if stamp.is_file() and stamp.read_text() == want:
        return
    print("Installing the locked packages into .venv (once) ...", file=sys.stderr, flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    own_pip = importlib.util.find_spec("ensurepip") is not None  # absent on Debian without python3-venv
    subprocess.check_call([sys.executable, "-m", "venv", *([] if own_pip else ["--without-pip"]), str(VENV)])
    pip = [str(PYTHON), "-m", "pip"] if own_pip else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    locked = ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(LOCK)]
    subprocess.check_call([*pip, "install", "--quiet", "--disable-pip-version-check", *locked])
    stamp.write_text(want)


if __name__ == "__main__":
    main()
