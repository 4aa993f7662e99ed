"""Jobs that belong to no room: forgetting what is kept no longer."""

import logging

from django.db import DatabaseError
from procrastinate.contrib.django import app

from entity_portal import purge as purging
from entity_portal import retention

log = logging.getLogger(__name__)


class Unfinished(Exception):
    """Rules of docs/retention.toml that could not be carried out."""


# A worker that was killed leaves whole rows or none; the next night goes on.
@app.periodic(cron="23 19 * * *")  # 3:23 in Macau: the worker's clock is UTC
@app.task(queue="house", name="house.purge", queueing_lock="house.purge")
def purge(timestamp: int) -> None:
    """`manage.py purge`, each night; a rule that cannot be carried out keeps no other from it.

    Raises:
        Unfinished: names such rules; the log has why.
    """
    failed = []
    for rule in retention.rules():
        try:
            found = purging.purge([rule])
        except DatabaseError:
            log.exception("%s: not carried out.", rule)
            failed.append(str(rule))
        else:
            log.info("%s: %d rows.", rule, sum(done.count for done in found))
    if failed:
        raise Unfinished(failed)
