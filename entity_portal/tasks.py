"""Jobs that belong to no room: forgetting what is kept no longer."""

import logging

from procrastinate.contrib.django import app

from entity_portal import purge as purging
from entity_portal import retention

log = logging.getLogger(__name__)


# A worker that was killed leaves whole rows or none; the next night goes on.
@app.periodic(cron="23 3 * * *")
@app.task(queue="house", name="house.purge", queueing_lock="house.purge")
def purge(timestamp: int) -> None:
    """`manage.py purge`, each night."""
    for done in purging.purge(retention.rules()):
        if done.count:
            log.info("%s: %d rows.", done.rule, done.count)
