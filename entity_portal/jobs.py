"""The queue: a job is there once the transaction that asked for it has committed, in a worker as in a request (K4).

Procrastinate's own connector of a worker would queue at once what a job asks for, by another connection: a text was
looked for before its row was there, and one whose transaction was undone left all the same.
"""

from procrastinate import App, PsycopgConnector
from procrastinate.connector import BaseAsyncConnector, BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params

from entity_portal import numbers


class WorkerConnector(PsycopgConnector):
    """Fetches jobs by a pool of its own; what they themselves queue goes by the connection that they work with."""

    def __init__(self, of_jobs: DjangoConnector) -> None:
        super().__init__(kwargs=connector_params(of_jobs.alias))
        self.of_jobs = of_jobs

    def get_sync_connector(self) -> BaseConnector:
        return self.of_jobs


class Connector(DjangoConnector):
    def get_worker_connector(self) -> BaseAsyncConnector:
        return WorkerConnector(self)


def use(app: App) -> None:
    """What PROCRASTINATE_ON_APP_READY calls before anything is queued."""
    app.connector = app.job_manager.connector = Connector(alias=app.connector.alias)  # type: ignore[attr-defined]
    numbers.travel_with_jobs(app)
