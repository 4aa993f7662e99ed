"""nginx as `deploy/nginx` sets it up, in front of a running portal: over TLS, on ports of the test's own."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from entity_portal.management.commands.demo import die_with_parent, free_port
from tests.running import Portal

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
SETUP = Path(settings.BASE_DIR) / "deploy" / "nginx"
HOST = "portal.example"
# What the portal is told when nginx stands in front of it.
BEHIND = {"DEMO": "0", "PUBLIC_URL": f"https://{HOST}", "ALLOWED_HOSTS": f"{HOST},127.0.0.1"}


@dataclass
class Front:
    """Where nginx listens, with TLS and without, and where the portal itself does."""

    port: int
    plain: int
    behind: int

    def connect(self, context: ssl.SSLContext | None = None, host: str = HOST) -> ssl.SSLSocket:
        if context is None:
            context = trusting()
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 10), server_hostname=host)


def trusting() -> ssl.SSLContext:
    """Takes the test's own certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
def front(portal: Portal, tmp_path: Path) -> Iterator[Front]:
    """nginx in front of the portal, which is to be told `BEHIND`."""
    assert NGINX, "nginx is not installed: apt-get install nginx-light openssl"
    first = 18500 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    port, behind = free_port("127.0.0.1", first), int(portal.url.rpartition(":")[2])
    made = Front(port, free_port("127.0.0.1", port + 1), behind)
    program = subprocess.Popen(
        [NGINX, "-p", str(tmp_path), "-e", "stderr", "-c", str(configured(made, tmp_path)), "-g", "daemon off;"],
        preexec_fn=die_with_parent,
    )
    try:
        wait(made, program)
        yield made
    finally:
        program.terminate()
        program.wait(10)


def configured(front: Front, folder: Path) -> Path:
    """The configuration as it is filled in, with ports and folders of the test's own."""
    for each in SETUP.iterdir():
        shutil.copy(each, folder)
    key = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    files = ["-subj", f"/CN={HOST}", "-keyout", str(folder / "tls.key"), "-out", str(folder / "tls.pem")]
    subprocess.run([*key, *files], check=True, capture_output=True)
    (folder / "servers.conf").write_text(f"server 127.0.0.1:{front.behind};\n")
    (folder / "cache").mkdir()
    text = (folder / "portal.conf.template").read_text()
    filled_in = {
        "PORTAL_HOST": HOST,
        "TLS_CERTIFICATE": str(folder / "tls.pem"),
        "TLS_KEY": str(folder / "tls.key"),
        "WEB_SERVERS": str(folder / "servers.conf"),
        "PORTAL_PAGES": str(folder),
        "AT_ONCE": "16",
        "DOORS_AT_ONCE": "8",
        "ACCESS_LOG": str(folder / "access.log"),
        "ERROR_LOG": str(folder / "error.log"),
    }
    for name, value in filled_in.items():
        text = text.replace(f"${{{name}}}", value)
    text = re.sub(r"listen 443\b", f"listen 127.0.0.1:{front.port}", text)
    text = re.sub(r"listen 80\b", f"listen 127.0.0.1:{front.plain}", text)
    text = text.replace("127.0.0.1:8081", f"127.0.0.1:{free_port('127.0.0.1', front.plain + 1)}")
    text = text.replace("/var/cache/nginx/portal", str(folder / "cache")).replace("/var/log/nginx", str(folder))
    (folder / "portal.conf").write_text(text)
    kept = "".join(
        f"{each}_temp_path {folder}/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whoever = "user root;\n" if os.geteuid() == 0 else ""  # a folder of tests is its owner's alone
    whole.write_text(f"{whoever}pid {folder}/pid;\nevents {{}}\nhttp {{\n{kept}include {folder}/portal.conf;\n}}\n")
    return whole


def wait(front: Front, program: subprocess.Popen[bytes]) -> None:
    for _try in range(100):
        assert program.poll() is None, "nginx did not start"
        try:
            front.connect().close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nginx does not answer")
