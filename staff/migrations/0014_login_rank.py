"""The usual order of the list has an index, and how many logins are alike is kept: neither grows with the entity.

Whoever assigns people is said by `services`, whose migration keeps the column. No login ever goes, or changes its entity.
"""

from django.db import migrations, models

SQL = """
CREATE FUNCTION staff_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO staff_headcount AS kept (entity_id, status, is_administrator, assigns, n)
        SELECT entity_id, status, is_administrator, assigns, count(*) FROM changed GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        ON CONFLICT (entity_id, status, is_administrator, assigns) DO UPDATE SET n = kept.n + EXCLUDED.n;
    RETURN NULL;
END
$$;

-- In the order of the key, so that two who change logins of one entity cannot wait for each other.
CREATE FUNCTION staff_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO staff_headcount AS kept (entity_id, status, is_administrator, assigns, n)
        SELECT * FROM (VALUES
            (OLD.entity_id, OLD.status, OLD.is_administrator, OLD.assigns, -1),
            (NEW.entity_id, NEW.status, NEW.is_administrator, NEW.assigns, 1)
        ) AS moved (entity_id, status, is_administrator, assigns, n) ORDER BY 1, 2, 3, 4
        ON CONFLICT (entity_id, status, is_administrator, assigns) DO UPDATE SET n = kept.n + EXCLUDED.n;
    RETURN NULL;
END
$$;

CREATE TRIGGER staff_count_added AFTER INSERT ON staff_stafflogin
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION staff_count_added();
CREATE TRIGGER staff_count_changed AFTER UPDATE ON staff_stafflogin
    FOR EACH ROW WHEN ((OLD.status, OLD.is_administrator, OLD.assigns)
        <> (NEW.status, NEW.is_administrator, NEW.assigns))
    EXECUTE FUNCTION staff_count_changed();

INSERT INTO staff_headcount (entity_id, status, is_administrator, assigns, n)
    SELECT entity_id, status, is_administrator, assigns, count(*) FROM staff_stafflogin GROUP BY 1, 2, 3, 4;
"""

REVERSE = """
DROP TRIGGER staff_count_changed ON staff_stafflogin;
DROP TRIGGER staff_count_added ON staff_stafflogin;
DROP FUNCTION staff_count_changed();
DROP FUNCTION staff_count_added();
"""


class Migration(migrations.Migration):
    dependencies = (("staff", "0013_login_sort_keys_belong"),)

    operations = (
        migrations.AddField(
            "stafflogin", "assigns", models.BooleanField(default=False, db_default=False, editable=False)
        ),
        migrations.AddField(
            "stafflogin",
            "rank",
            models.GeneratedField(
                expression=models.Case(
                    models.When(status="departed", then=3),
                    models.When(is_administrator=True, then=0),
                    models.When(assigns=True, then=1),
                    default=2,
                ),
                output_field=models.SmallIntegerField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            "stafflogin",
            models.Index(fields=["entity", "rank", "name_foreign_key", "euid"], name="staff_by_rank", include=["id"]),
        ),
        migrations.AddIndex(
            "stafflogin",
            models.Index(
                fields=["entity"], condition=models.Q(status="active", failed_attempts=5), name="staff_locked"
            ),
        ),
        migrations.CreateModel(
            "Headcount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity", models.ForeignKey("accounts.entity", models.PROTECT, related_name="+")),
                ("status", models.CharField(max_length=10)),
                ("is_administrator", models.BooleanField()),
                ("assigns", models.BooleanField()),
                ("n", models.IntegerField()),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=["entity", "status", "is_administrator", "assigns"], name="staff_headcount_once"
                    ),
                ),
            },
        ),
        migrations.RunSQL(SQL, REVERSE),
    )
