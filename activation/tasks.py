"""Jobs of the worker: reminding of people who have not activated."""

from procrastinate.contrib.django import app

from activation import operations


@app.periodic(cron="0 1 * * *")  # 9:00 in Macau: the worker's clock is UTC
@app.task(queue="notices", name="activation.remind", queueing_lock="activation.remind")
def remind(timestamp: int) -> None:
    operations.remind_administrators()
