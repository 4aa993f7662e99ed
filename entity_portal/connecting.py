"""How the portal connects to PostgreSQL: what DATABASE_URL says, and time limits where it says nothing else."""

from typing import Any

import dj_database_url

# Nobody waits without an end: where a network is silently dead, a page says so within five seconds (P3). First the kept
# connection has to be known as dead, then another is tried; both together, and the pool's wait, stay below that. The
# names are libpq's; those of a network mean nothing to a Unix socket.
LIMITS = {
    "connect_timeout": 2,  # s, for each address
    "tcp_user_timeout": 2500,  # ms, that what was sent may stay without a sign of its arrival
    "keepalives_idle": 2,  # s, that a connection may be silent while an answer is waited for; then it is asked
    "keepalives_interval": 1,  # s
    "keepalives_count": 2,
}


def database(url: str) -> dict[str, Any]:
    """One of Django's DATABASES; a parameter in the URL goes before a limit of ours."""
    told = dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
    return {**told, "OPTIONS": LIMITS | told.get("OPTIONS", {})}
