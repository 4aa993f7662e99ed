"""What the worker does for the catalogue, in this process."""

import json

from django.db import connection

from services.catalogue import errands


def work() -> int:
    """Do what pages have left to the worker about the catalogue; return how many jobs that was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = 'services.run_errand' AND status = 'todo' "
            "RETURNING id, args"
        )
        jobs = sorted(cursor.fetchall())
    for _job, args in jobs:
        errands.run((json.loads(args) if isinstance(args, str) else args)["errand"])
    return len(jobs)
