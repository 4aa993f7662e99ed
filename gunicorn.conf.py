"""How a web process takes requests in; gunicorn reads this file in the folder where it is started.

What is particular to a machine (workers, addresses, --preload) is said where it is started.
"""

import os

PAGES = int(os.environ.get("PAGES_AT_ONCE") or 8)
PASSWORDS = int(os.environ.get("PASSWORDS_AT_ONCE") or 2)

worker_class = "gthread"
# A thread for each place (`entity_portal/overload.py`), and some that tell everybody else to come again.
threads = PAGES + 2 * PASSWORDS + 4
# A short queue: who waits longer has gone.
worker_connections = 200
backlog = 256
control_socket_disable = True
