"""How many people are in a group, and in any group of an e-service, is kept: no page counts 20,000 rows.

Whoever changes who is in a group holds the entity, in the operation and here: of two at once the second sees what the
first did. Nobody is counted in two groups of an e-service as two people.
"""

from django.db import migrations, models

SQL = """
-- By arrays: their plans stay right when thousands come at once into a table that PostgreSQL takes for an empty one.
CREATE FUNCTION services_count_joined() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place record;
    groups bigint[];
    rows bigint[];
    people bigint[];
    known bigint;
BEGIN
    PERFORM 1 FROM accounts_entity WHERE id IN (SELECT entity_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    FOR place IN
        SELECT one.entity_id, g.service_id FROM changed AS one JOIN services_servicegroup AS g ON g.id = one.group_id
        WHERE one.ended_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        groups := ARRAY(SELECT id FROM services_servicegroup WHERE service_id = place.service_id);
        SELECT array_agg(id), array_agg(DISTINCT login_id) INTO rows, people FROM changed
            WHERE entity_id = place.entity_id AND ended_at IS NULL AND group_id = ANY (groups);
        SELECT count(DISTINCT login_id) INTO known FROM services_assignment
            WHERE login_id = ANY (people) AND ended_at IS NULL AND group_id = ANY (groups) AND id <> ALL (rows);
        INSERT INTO services_membercount AS kept (entity_id, service_id, group_id, n)
            SELECT place.entity_id, place.service_id, group_id, count(*) FROM changed WHERE id = ANY (rows) GROUP BY 3
            UNION ALL SELECT place.entity_id, place.service_id, NULL, cardinality(people) - known
            ORDER BY 3
            ON CONFLICT (entity_id, service_id, group_id) DO UPDATE SET n = kept.n + EXCLUDED.n;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION services_count_left() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place record;
    groups bigint[];
    rows bigint[];
    people bigint[];
    stay bigint;
BEGIN
    PERFORM 1 FROM accounts_entity WHERE id IN (SELECT entity_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    FOR place IN
        SELECT one.entity_id, g.service_id FROM changed AS one JOIN services_servicegroup AS g ON g.id = one.group_id
        WHERE one.ended_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
    LOOP
        groups := ARRAY(SELECT id FROM services_servicegroup WHERE service_id = place.service_id);
        SELECT array_agg(one.id), array_agg(DISTINCT one.login_id) INTO rows, people
            FROM changed AS one JOIN before ON before.id = one.id AND before.ended_at IS NULL
            JOIN staff_stafflogin AS login ON login.id = one.login_id AND login.status <> 'departed'
            WHERE one.entity_id = place.entity_id AND one.ended_at IS NOT NULL AND one.group_id = ANY (groups);
        CONTINUE WHEN rows IS NULL;
        SELECT count(DISTINCT login_id) INTO stay FROM services_assignment
            WHERE login_id = ANY (people) AND ended_at IS NULL AND group_id = ANY (groups);
        UPDATE services_membercount AS kept SET n = kept.n - fewer.n FROM (
            SELECT group_id, count(*) AS n FROM changed WHERE id = ANY (rows) GROUP BY 1
            UNION ALL SELECT NULL, cardinality(people) - stay
        ) AS fewer WHERE kept.entity_id = place.entity_id AND kept.service_id = place.service_id
            AND kept.group_id IS NOT DISTINCT FROM fewer.group_id;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION services_count_departed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_entity WHERE id = NEW.entity_id FOR NO KEY UPDATE;
    UPDATE services_membercount AS kept SET n = kept.n - 1 FROM (
        SELECT g.service_id, g.id AS group_id
            FROM services_assignment AS one JOIN services_servicegroup AS g ON g.id = one.group_id
            WHERE one.login_id = NEW.id AND one.ended_at IS NULL
            GROUP BY GROUPING SETS ((g.service_id, g.id), (g.service_id))
    ) AS fewer WHERE kept.entity_id = NEW.entity_id AND kept.service_id = fewer.service_id
        AND kept.group_id IS NOT DISTINCT FROM fewer.group_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION services_assignment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an assignment is of one login in one group'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'services_assignment_stays';
END
$$;

CREATE TRIGGER services_count_joined AFTER INSERT ON services_assignment
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION services_count_joined();
CREATE TRIGGER services_count_left AFTER UPDATE ON services_assignment
    REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION services_count_left();
CREATE TRIGGER services_count_departed AFTER UPDATE ON staff_stafflogin
    FOR EACH ROW WHEN (OLD.status <> 'departed' AND NEW.status = 'departed')
    EXECUTE FUNCTION services_count_departed();
CREATE TRIGGER services_assignment_stays BEFORE UPDATE OF entity_id, login_id, group_id ON services_assignment
    FOR EACH ROW WHEN ((OLD.entity_id, OLD.login_id, OLD.group_id) <> (NEW.entity_id, NEW.login_id, NEW.group_id))
    EXECUTE FUNCTION services_assignment_stays();

INSERT INTO services_membercount (entity_id, service_id, group_id, n)
    SELECT one.entity_id, g.service_id, g.id, count(DISTINCT one.login_id)
        FROM services_assignment AS one JOIN services_servicegroup AS g ON g.id = one.group_id
        JOIN staff_stafflogin AS login ON login.id = one.login_id AND login.status <> 'departed'
        WHERE one.ended_at IS NULL
        GROUP BY GROUPING SETS ((one.entity_id, g.service_id, g.id), (one.entity_id, g.service_id));
"""

REVERSE = """
DROP TRIGGER services_assignment_stays ON services_assignment;
DROP TRIGGER services_count_departed ON staff_stafflogin;
DROP TRIGGER services_count_left ON services_assignment;
DROP TRIGGER services_count_joined ON services_assignment;
DROP FUNCTION services_assignment_stays();
DROP FUNCTION services_count_departed();
DROP FUNCTION services_count_left();
DROP FUNCTION services_count_joined();
"""


class Migration(migrations.Migration):
    dependencies = (("services", "0008_power_on_the_login"),)

    operations = (
        migrations.CreateModel(
            "MemberCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity", models.ForeignKey("accounts.entity", models.PROTECT, related_name="+", db_index=False)),
                ("service", models.ForeignKey("services.eservice", models.PROTECT, related_name="+", db_index=False)),
                (
                    "group",
                    models.ForeignKey(
                        "services.servicegroup", models.PROTECT, related_name="+", null=True, db_index=False
                    ),
                ),
                ("n", models.IntegerField()),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=["entity", "service", "group"], nulls_distinct=False, name="services_membercount_once"
                    ),
                    models.CheckConstraint(condition=models.Q(n__gte=0), name="services_membercount_not_below_none"),
                ),
            },
        ),
        migrations.RunSQL(SQL, REVERSE),
    )
