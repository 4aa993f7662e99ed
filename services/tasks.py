"""Jobs of the worker: telling of assignments that end."""

from procrastinate.contrib.django import app

from services import operations


@app.periodic(cron="30 0 * * *")  # 8:30 in Macau: the worker's clock is UTC
@app.task(queue="notices", name="services.tell_of_endings", queueing_lock="services.tell_of_endings")
def tell_of_endings(timestamp: int) -> None:
    operations.tell_of_endings()
