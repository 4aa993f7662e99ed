"""`manage.py verify_history`: is every line of the history where and as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

FIRST_WRONG = """
    SELECT DISTINCT ON (entity_number) entity_number, seq, id, follows
    FROM audit_check WHERE NOT (follows AND unchanged) ORDER BY entity_number, seq
"""


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(FIRST_WRONG)
            wrong = cursor.fetchall()
            cursor.execute("SELECT count(*), count(DISTINCT entity_number) FROM audit_event")
            lines, chains = cursor.fetchone()
        for entity_number, seq, pk, follows in wrong:
            fault = "was changed" if follows else "does not follow its predecessor"
            self.stderr.write(f"Entity {entity_number or '(none)'}, line {seq} (id {pk}): {fault}.")
        if wrong:
            raise CommandError(f"The history of {len(wrong)} of {chains} chains is not as it was written.")
        self.stdout.write(f"{lines} lines in {chains} chains, all as they were written.")
