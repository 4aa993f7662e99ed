"""Document numbers are encrypted, step two of three: those that are there, some thousands at a time.

Stopped in between it goes on where it was. A million take a minute or two, in which the portal may run.
"""

from typing import Any

from django.db import migrations

from entity_portal.data_keys import writing_key
from entity_portal.sealed import seal

PURPOSE = "staff.document_number"
A_TIME = 5_000


def fill(schema_editor: Any, a_time: int = A_TIME) -> int:
    """Encrypt what is not yet; return how many. A number that is changed meanwhile is left for the next time."""
    filled = last = 0
    key = writing_key()
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT id, document_number FROM staff_stafflogin WHERE id > %s AND document_sealed IS NULL"
                " ORDER BY id LIMIT %s",
                [last, a_time],
            )
            rows = cursor.fetchall()
            if not rows:
                return filled
            ids, numbers = [pk for pk, _ in rows], [number for _, number in rows]
            sealed = [seal(number, PURPOSE, key) if number else "" for number in numbers]
            indexes = [key.index(number, PURPOSE) if number else b"" for number in numbers]
            cursor.execute(
                "UPDATE staff_stafflogin AS login SET document_sealed = new.sealed, document_index = new.found_by"
                " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bytea[]) AS new (id, number, sealed, found_by)"
                " WHERE login.id = new.id AND login.document_number = new.number",
                [ids, numbers, sealed, indexes],
            )
            filled, last = filled + cursor.rowcount, ids[-1]


def seal_all(apps: Any, schema_editor: Any) -> None:
    fill(schema_editor)


class Migration(migrations.Migration):
    atomic = False
    dependencies = (("staff", "0018_document_sealed"),)

    operations = (migrations.RunPython(seal_all, migrations.RunPython.noop),)
