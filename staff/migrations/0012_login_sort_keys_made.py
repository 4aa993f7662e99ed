"""The keys of the names that are there."""

from typing import Any

from django.db import migrations

from entity_portal.collation import CHINESE, LATIN, sort_key

A_TIME = 1000


def make(apps: Any, schema_editor: Any) -> None:
    logins = apps.get_model("staff", "StaffLogin").objects
    rows = []
    for row in logins.only("name_zh", "name_foreign").iterator(chunk_size=A_TIME):
        row.name_zh_key, row.name_foreign_key = sort_key(row.name_zh, CHINESE), sort_key(row.name_foreign, LATIN)
        rows.append(row)
    logins.bulk_update(rows, ["name_zh_key", "name_foreign_key"], batch_size=A_TIME)


class Migration(migrations.Migration):
    dependencies = (("staff", "0011_login_sort_keys"),)

    operations = (migrations.RunPython(make, migrations.RunPython.noop),)
