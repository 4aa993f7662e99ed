"""What the web processes of a machine have counted, together, in Prometheus' words.

Each of gunicorn's workers writes into files of its own, in a folder that `gunicorn.conf.py` makes anew with each start;
prometheus_client adds them up, those of workers that were killed too. So whichever worker is asked says the same.
Several machines are asked one by one. Elsewhere a process counts for itself.
"""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # bounds of how long something took
OWN = CollectorRegistry()

disable_created_metrics()
requests = Counter("portal_requests_total", "Requests by view and status.", ["view", "status"], registry=OWN)
request_seconds = Histogram(
    "portal_request_seconds", "How long views took, until their answer began.", ["view"], buckets=SECONDS, registry=OWN
)
hash_seconds = Histogram(
    "portal_hash_seconds",
    "How long a password was worked on, without waiting for a place.",
    buckets=SECONDS,
    registry=OWN,
)
hash_refused = Counter(
    "portal_hash_refused_total", "Passwords that were not looked at because too many were.", registry=OWN
)
lockouts = Counter("portal_lockouts_total", "Logins locked after wrong passwords.", registry=OWN)


class _Known:
    """What is known now, as it was asked for."""

    def __init__(self, known: Iterable[Metric]) -> None:
        self.known = known

    def collect(self) -> Iterable[Metric]:
        return self.known


def text(known: Iterable[Metric]) -> bytes:
    """All that was counted, and what is `known` besides: Prometheus' text format 0.0.4."""
    told = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(told)
    else:
        told.register(OWN)
    told.register(_Known(known))
    return generate_latest(told)
