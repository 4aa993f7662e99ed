"""Jobs of the worker: noting changes of rights while they are new, and forgetting what nobody compares."""

from procrastinate.contrib.django import app

from services.api import operations


# Whoever asks is told what is so in that moment; this only dates it, and makes one change of it and not a heap.
@app.periodic(cron="* * * * *")
@app.task(queue="house", name="api.note_changes", queueing_lock="api.note_changes")
def note_changes(timestamp: int) -> None:
    operations.note_all_changes()


@app.periodic(cron="27 4 * * *")
@app.task(queue="house", name="api.forget", queueing_lock="api.forget")
def forget(timestamp: int) -> None:
    operations.forget()
