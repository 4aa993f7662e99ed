"""Document numbers are encrypted, step three of three: the plain ones go.

From here on the release of before cannot run: it is stopped first, the new one started afterwards. At the end the table
is written anew, some ten seconds for a million, as PostgreSQL would leave the dropped column in its pages. Backups and
logs of before still have it. There is no way back.
"""

from importlib import import_module
from typing import Any

from django.db import migrations, models

from entity_portal.sealed import FORM, IndexField, SealedField

PURPOSE = "staff.document_number"


def fill_the_rest(apps: Any, schema_editor: Any) -> None:
    """What the release of before has written since; nobody writes any more until this is committed."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("LOCK TABLE staff_stafflogin IN ACCESS EXCLUSIVE MODE")
    import_module("staff.migrations.0019_documents_sealed").fill(schema_editor)


BEFORE = """
DROP TRIGGER staff_forget_sealed ON staff_stafflogin;
DROP FUNCTION staff_forget_sealed();
DROP TRIGGER staff_keep_facts ON staff_stafflogin;
"""
CHECKS = f"""
ALTER TABLE staff_stafflogin
    ADD CONSTRAINT staff_document_number_sealed CHECK (
        document_number ~ '{FORM}' OR document_number = '' AND status = 'departed'),
    ADD CONSTRAINT staff_document_index_form CHECK (
        octet_length(document_index) = CASE document_number WHEN '' THEN 0 ELSE 16 END);
"""
AFTER = """
CREATE OR REPLACE FUNCTION staff_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.euid <> OLD.euid OR NEW.entity_id <> OLD.entity_id THEN
        RAISE EXCEPTION 'EUID and entity of a login never change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_euid_for_ever';
    END IF;
    IF NEW.username IS DISTINCT FROM OLD.username AND OLD.username IS NOT NULL THEN
        RAISE EXCEPTION 'a username cannot be changed once set'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_username_once_set_stays';
    END IF;
    -- the table is staff.models.login.NEXT_STATUSES
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
        (('pending', 'active'), ('pending', 'departed'), ('active', 'departed'))
    THEN
        RAISE EXCEPTION 'a login does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_status_moves_on';
    END IF;
    IF (OLD.activated_at IS NOT NULL AND NEW.activated_at IS DISTINCT FROM OLD.activated_at)
        OR (OLD.departed_at IS NOT NULL AND NEW.departed_at IS DISTINCT FROM OLD.departed_at)
    THEN
        RAISE EXCEPTION 'the times of activation and departure stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_times_stay';
    END IF;
    -- the list is StaffLogin.IDENTITY_FIELDS; of an activated login an approved application may (applications/0005)
    IF OLD.status = 'departed' AND (
        (NEW.name_zh, NEW.name_foreign, NEW.document_type, NEW.document_place, NEW.birth_date, NEW.mobile)
        IS DISTINCT FROM
        (OLD.name_zh, OLD.name_foreign, OLD.document_type, OLD.document_place, OLD.birth_date, OLD.mobile)
        OR (NEW.document_number, NEW.document_index) IS DISTINCT FROM (OLD.document_number, OLD.document_index)
            AND NOT entity_portal_resealed(OLD.document_number, NEW.document_number))
    THEN
        RAISE EXCEPTION 'the data of who has departed stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_identity_frozen';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER staff_keep_facts BEFORE UPDATE OF euid, entity_id, username, status, activated_at, departed_at,
        name_zh, name_foreign, document_type, document_number, document_index, document_place, birth_date, mobile
    ON staff_stafflogin FOR EACH ROW WHEN (NOT (
        OLD.status = 'departed' AND OLD.departed_at <= statement_timestamp() - interval '365 days'
        AND (NEW.document_number, NEW.document_place, NEW.mobile) = ('', '', '') AND NEW.birth_date IS NULL
        AND (NEW.euid, NEW.entity_id, NEW.username, NEW.status, NEW.activated_at, NEW.departed_at,
            NEW.name_zh, NEW.name_foreign, NEW.document_type)
        IS NOT DISTINCT FROM
            (OLD.euid, OLD.entity_id, OLD.username, OLD.status, OLD.activated_at, OLD.departed_at,
            OLD.name_zh, OLD.name_foreign, OLD.document_type)
    )) EXECUTE FUNCTION staff_keep_facts();

CLUSTER staff_stafflogin USING staff_stafflogin_pkey;
ALTER TABLE staff_stafflogin SET WITHOUT CLUSTER;
"""


class Migration(migrations.Migration):
    dependencies = (("staff", "0019_documents_sealed"),)

    operations = (
        migrations.RunPython(fill_the_rest),
        migrations.RunSQL(BEFORE),
        migrations.RemoveConstraint("stafflogin", "staff_one_present_login_per_person"),
        migrations.RemoveConstraint("stafflogin", "staff_document_number_normalised"),
        migrations.RemoveIndex("stafflogin", "staff_by_words"),
        migrations.RemoveIndex("stafflogin", "staff_administrator_document"),
        migrations.RemoveField("stafflogin", "document_number"),
        migrations.RenameField("stafflogin", "document_sealed", "document_number"),
        migrations.AlterField(
            "stafflogin", "document_number", SealedField(pattern=r"[A-Z0-9]{4,20}", purpose=PURPOSE)
        ),
        migrations.AlterField("stafflogin", "document_index", IndexField(of="document_number", purpose=PURPOSE)),
        migrations.AddConstraint(
            "stafflogin",
            models.UniqueConstraint(
                fields=["entity", "document_type", "document_index"],
                condition=~models.Q(status="departed"),
                name="staff_one_present_login_per_person",
            ),
        ),
        migrations.AddIndex(
            "stafflogin",
            models.Index(fields=["entity"], name="staff_by_words", include=["id", "euid", "spelled", "document_index"]),
        ),
        migrations.AddIndex(
            "stafflogin",
            models.Index(
                fields=["document_index"],
                condition=models.Q(is_administrator=True),
                name="staff_administrator_document",
            ),
        ),
        migrations.RunSQL(CHECKS),
        migrations.RunSQL(AFTER),
    )
