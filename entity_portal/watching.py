"""For whoever watches the processes: that one lives, that it may be sent people, and what it has counted.

Nothing of this is for people: nginx answers 404 to these addresses.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from procrastinate.contrib.django import app
from prometheus_client.metrics_core import GaugeMetricFamily

from entity_portal import metrics
from entity_portal.access import public
from entity_portal.messaging.models import SMS, Status
from staff.models import StaffLogin

ABOUT = {
    "portal_database_up": "Whether PostgreSQL answered.",
    "portal_jobs_waiting": "Jobs by queue that could begin.",
    "portal_queue_age_seconds": "How long the oldest of them could have begun.",
    "portal_jobs_failed": "Jobs by queue that were given up, of the last day.",
    "portal_sms": "Texts by state, of those queued in the last 24 hours.",
    "portal_logins_locked": "Logins that are locked now.",
}
# A job can begin when it was queued, or at the time it waits for.
QUEUES = """
SELECT queue_name,
       count(*) FILTER (WHERE due),
       coalesce(extract(epoch FROM max(now() - since) FILTER (WHERE due)), 0),
       count(*) FILTER (WHERE status = 'failed')
FROM (SELECT job.queue_name, job.status, greatest(event.at, job.scheduled_at) AS since,
             job.status = 'todo' AND coalesce(job.scheduled_at <= now(), true) AS due
      FROM procrastinate_jobs AS job
      LEFT JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
      WHERE job.status IN ('todo', 'failed')) AS waiting
GROUP BY queue_name
"""
_migrated = False  # once they are applied they stay so, for this version


@public
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers; whatever else is broken, killing it would not help."""
    return HttpResponse("ok", content_type="text/plain")


@public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 where people may be sent here, else 503 and why."""
    why = _obstacle()
    return HttpResponse(why or "ready", content_type="text/plain", status=503 if why else 200)


def _obstacle() -> str:
    global _migrated
    if Path(settings.DRAINING_FILE).exists():
        return "draining"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "no database"
    return "" if _migrated else "migrations are missing"


@public
@require_safe
def show_metrics(request: HttpRequest) -> HttpResponse:
    """What was counted, for whoever shows METRICS_TOKEN; without one set there is no such page."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("no token is set", content_type="text/plain", status=404)
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        wanted = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("another token", content_type="text/plain", status=401, headers=wanted)
    return HttpResponse(metrics.text(_gauges()), content_type=metrics.CONTENT_TYPE)


def _gauges() -> list[GaugeMetricFamily]:
    """What PostgreSQL knows: the same on every machine, so take the largest and not the sum."""
    try:
        return [_gauge("portal_database_up", {"": 1}), *_queues(), _texts(), _logins()]
    except Error:
        return [_gauge("portal_database_up", {"": 0})]


def _gauge(name: str, values: Mapping[str, float], label: str = "") -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, ABOUT[name], labels=[label] if label else [])
    for value_of_label, value in values.items():
        gauge.add_metric([value_of_label] if label else [], value)
    return gauge


def _queues() -> Iterator[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute(QUEUES)
        found = {queue: numbers for queue, *numbers in cursor.fetchall()}
    queues = sorted(found.keys() | {str(task.queue) for task in app.tasks.values()})
    for place, each in enumerate(("portal_jobs_waiting", "portal_queue_age_seconds", "portal_jobs_failed")):
        yield _gauge(each, {queue: float(found.get(queue, (0, 0, 0))[place]) for queue in queues}, "queue")


def _texts() -> GaugeMetricFamily:
    recent = SMS.objects.filter(created_at__gte=timezone.now() - timedelta(days=1))
    found = dict(recent.values_list("status").annotate(Count("pk")).order_by())
    return _gauge("portal_sms", {status: found.get(status, 0) for status in Status.values}, "status")


def _logins() -> GaugeMetricFamily:
    return _gauge("portal_logins_locked", {"": StaffLogin.objects.filter(locked_at__isnull=False).count()})
