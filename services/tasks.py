"""Jobs of the worker: telling of assignments that end, and what officers have ordered for many entities."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from services import operations
from services.catalogue import errands

AGAIN = RetryStrategy(max_attempts=5, exponential_wait=3)


@app.periodic(cron="30 0 * * *")  # 8:30 in Macau: the worker's clock is UTC
@app.task(queue="notices", name="services.tell_of_endings", queueing_lock="services.tell_of_endings")
def tell_of_endings(timestamp: int) -> None:
    operations.tell_of_endings()


@app.task(queue="catalogue", name="services.run_errand", retry=AGAIN)
def run_errand(errand: str) -> None:
    errands.run(errand)


# A worker that was killed leaves an errand half done; whoever is at one already is left alone.
@app.periodic(cron="*/5 * * * *")
@app.task(queue="catalogue", name="services.resume_errands", queueing_lock="services.resume_errands")
def resume_errands(timestamp: int) -> None:
    errands.resume()
