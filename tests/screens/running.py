"""A portal that serves what a file of tests looks at: gunicorn on the test's database, in the sessions' own secret."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from entity_portal.management.commands.demo import die_with_parent, free_port
from entity_portal.postgres import data_dir
from tests.running import environment, wait_until_alive


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Without the worker: what is queued stays so, and pages do not change under the eye."""
    for secret in ("secret_key", "oidc_subject_key"):
        shutil.copy(data_dir() / secret, folder)
    port = free_port("127.0.0.1", 18050 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
    url = f"http://127.0.0.1:{port}"
    told = environment(url, folder) | {"DJANGO_SETTINGS_MODULE": "tests.screens.settings"}
    command = [sys.executable, "-m", "gunicorn", "entity_portal.wsgi", f"--bind=127.0.0.1:{port}"]
    command += ["--workers=1", "--log-level=warning"]
    with (folder / f"screens-{port}.log").open("w") as log:
        child = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=told, stdout=log, stderr=log, preexec_fn=die_with_parent
        )
        try:
            wait_until_alive(url, [child])
            yield url
        finally:
            child.terminate()
            child.wait(20)
