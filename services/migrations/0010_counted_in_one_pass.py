"""Thousands who leave a group at once, or come, are counted in linear time, whatever was counted first.

PostgreSQL plans a statement of a trigger once for a connection, by the number of rows of that first time. A join of the
rows before and after, planned for one row, compares each with each ever after. What is grouped has no such plan.
"""

from importlib import import_module

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION services_count_joined() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place record;
    groups bigint[];
    into_groups bigint[];
    people bigint[];
    known bigint;
BEGIN
    PERFORM 1 FROM accounts_entity WHERE id IN (SELECT entity_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    FOR place IN
        SELECT one.entity_id, g.service_id FROM changed AS one JOIN services_servicegroup AS g ON g.id = one.group_id
        WHERE one.ended_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        groups := ARRAY(SELECT id FROM services_servicegroup WHERE service_id = place.service_id);
        SELECT array_agg(group_id), array_agg(DISTINCT login_id) INTO into_groups, people FROM changed
            WHERE entity_id = place.entity_id AND ended_at IS NULL AND group_id = ANY (groups);
        SELECT count(*) INTO known FROM (
            SELECT login_id FROM (
                SELECT login_id, 1 AS n FROM services_assignment
                    WHERE login_id = ANY (people) AND ended_at IS NULL AND group_id = ANY (groups)
                UNION ALL SELECT login_id, -1 FROM changed
                    WHERE entity_id = place.entity_id AND ended_at IS NULL AND group_id = ANY (groups)
            ) AS each GROUP BY login_id HAVING sum(n) > 0
        ) AS were_there;
        INSERT INTO services_membercount AS kept (entity_id, service_id, group_id, n)
            SELECT place.entity_id, place.service_id, group_id, count(*) FROM unnest(into_groups) AS group_id GROUP BY 3
            UNION ALL SELECT place.entity_id, place.service_id, NULL, cardinality(people) - known
            ORDER BY 3
            ON CONFLICT (entity_id, service_id, group_id) DO UPDATE SET n = kept.n + EXCLUDED.n;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION services_count_left() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place record;
    groups bigint[];
    of_groups bigint[];
    people bigint[];
    stay bigint;
BEGIN
    PERFORM 1 FROM accounts_entity WHERE id IN (SELECT entity_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    FOR place IN
        SELECT one.entity_id, g.service_id FROM changed AS one JOIN services_servicegroup AS g ON g.id = one.group_id
        WHERE one.ended_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        groups := ARRAY(SELECT id FROM services_servicegroup WHERE service_id = place.service_id);
        SELECT array_agg(group_id), array_agg(DISTINCT login_id) INTO of_groups, people FROM (
            SELECT login_id, group_id FROM (
                SELECT id, login_id, group_id FROM before
                    WHERE entity_id = place.entity_id AND ended_at IS NULL AND group_id = ANY (groups)
                UNION ALL SELECT id, login_id, group_id FROM changed
                    WHERE entity_id = place.entity_id AND ended_at IS NOT NULL AND group_id = ANY (groups)
            ) AS each GROUP BY id, login_id, group_id HAVING count(*) = 2
        ) AS gone WHERE (SELECT status FROM staff_stafflogin WHERE id = gone.login_id) <> 'departed';
        CONTINUE WHEN people IS NULL;
        SELECT count(DISTINCT login_id) INTO stay FROM services_assignment
            WHERE login_id = ANY (people) AND ended_at IS NULL AND group_id = ANY (groups);
        UPDATE services_membercount AS kept SET n = kept.n - fewer.n FROM (
            SELECT group_id, count(*) AS n FROM unnest(of_groups) AS group_id GROUP BY 1
            UNION ALL SELECT NULL, cardinality(people) - stay
        ) AS fewer WHERE kept.entity_id = place.entity_id AND kept.service_id = place.service_id
            AND kept.group_id IS NOT DISTINCT FROM fewer.group_id;
    END LOOP;
    RETURN NULL;
END
$$;
"""
BEFORE = import_module("services.migrations.0009_member_count").SQL
REVERSE = BEFORE[: BEFORE.index("CREATE FUNCTION services_count_departed")].replace("CREATE F", "CREATE OR REPLACE F")


class Migration(migrations.Migration):
    dependencies = (("services", "0009_member_count"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
