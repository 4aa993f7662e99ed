"""How a web process takes requests in; gunicorn reads this file in the folder where it is started.

What is particular to a machine (workers, addresses, --preload) is said where it is started.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

PAGES = int(os.environ.get("PAGES_AT_ONCE") or 8)
PASSWORDS = int(os.environ.get("PASSWORDS_AT_ONCE") or 2)

worker_class = "gthread"
# A thread for each place (`entity_portal/overload.py`), and some that tell everybody else to come again.
threads = PAGES + 2 * PASSWORDS + 4
# A short queue: who waits longer has gone.
worker_connections = 200
backlog = 256
control_socket_disable = True

# Where the workers write what they have counted (`entity_portal/metrics.py`), told before the portal is loaded: in
# memory where there is a folder for that, empty with each start. Only for gunicorn: others read here how many threads
# there are.
made = __name__ == "__config__" and "PROMETHEUS_MULTIPROC_DIR" not in os.environ
if made:
    memory = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="portal-", dir=memory if memory.is_dir() else None)


def on_exit(server: Any) -> None:
    if made:  # an operator's folder may hold something else
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
