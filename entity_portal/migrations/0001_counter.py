"""The counters of limits. UNLOGGED: quick, and forgotten after a crash, which a counter may be."""

from django.db import migrations

SQL = """
CREATE UNLOGGED TABLE entity_portal_counter (
    key text PRIMARY KEY,
    value bigint NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX entity_portal_counter_expires ON entity_portal_counter (expires);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = ()
    operations = (migrations.RunSQL(SQL, "DROP TABLE entity_portal_counter;"),)
