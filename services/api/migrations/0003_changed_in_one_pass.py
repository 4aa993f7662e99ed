"""Thousands of assignments that end at once are seen in linear time: `services` 0010 says why."""

from importlib import import_module

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION api_assignments_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id, assignment_id)
        SELECT grp.service_id, moved.id FROM (
            SELECT id, group_id FROM (
                SELECT id, group_id, valid_from, valid_until, ended_at FROM was
                UNION SELECT id, group_id, valid_from, valid_until, ended_at FROM changed
            ) AS each GROUP BY id, group_id HAVING count(*) = 2
        ) AS moved JOIN services_servicegroup grp ON grp.id = moved.group_id;
    RETURN NULL;
END
$$;
"""
BEFORE = import_module("services.api.migrations.0002_rules").SQL
START = BEFORE.index("CREATE FUNCTION api_assignments_changed")
REVERSE = BEFORE[START : BEFORE.index("CREATE TRIGGER api_assignments_changed")].replace("CREATE F", "CREATE OR REPLACE F")


class Migration(migrations.Migration):
    dependencies = (("api", "0002_rules"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
