"""Long after somebody has left, document, birth date and telephone may be emptied; the names stay (S3.10).

`docs/retention.toml` says when. The year is what the database demands at least, whatever is set there.
"""

from django.db import migrations, models
from django.db.models import Q

BY_ROW = """
CREATE TRIGGER staff_keep_facts BEFORE UPDATE OF euid, entity_id, username, status, activated_at, departed_at,
        name_zh, name_foreign, document_type, document_number, document_place, birth_date, mobile
    ON staff_stafflogin FOR EACH ROW
"""

# All of them, emptied at once, and nothing else.
SQL = f"""
DROP TRIGGER staff_keep_facts ON staff_stafflogin;
{BY_ROW} WHEN (NOT (
        OLD.status = 'departed' AND OLD.departed_at <= statement_timestamp() - interval '365 days'
        AND (NEW.document_number, NEW.document_place, NEW.mobile) = ('', '', '') AND NEW.birth_date IS NULL
        AND (NEW.euid, NEW.entity_id, NEW.username, NEW.status, NEW.activated_at, NEW.departed_at,
            NEW.name_zh, NEW.name_foreign, NEW.document_type)
        IS NOT DISTINCT FROM
            (OLD.euid, OLD.entity_id, OLD.username, OLD.status, OLD.activated_at, OLD.departed_at,
            OLD.name_zh, OLD.name_foreign, OLD.document_type)
    )) EXECUTE FUNCTION staff_keep_facts();
"""

REVERSE = f"""
DROP TRIGGER staff_keep_facts ON staff_stafflogin;
{BY_ROW} EXECUTE FUNCTION staff_keep_facts();
"""


class Migration(migrations.Migration):
    dependencies = (("staff", "0016_login_light_updates"),)

    operations = (
        migrations.RemoveConstraint("stafflogin", "staff_document_number_normalised"),
        migrations.RemoveConstraint("stafflogin", "staff_mobile_is_e164"),
        migrations.AddConstraint(
            "stafflogin",
            models.CheckConstraint(
                condition=Q(document_number__regex=r"^[A-Z0-9]{4,20}$") | Q(document_number="", status="departed"),
                name="staff_document_number_normalised",
            ),
        ),
        migrations.AddConstraint(
            "stafflogin",
            models.CheckConstraint(
                condition=Q(mobile__regex=r"^\+[1-9][0-9]{6,14}$") | Q(mobile="", status="departed"),
                name="staff_mobile_is_e164",
            ),
        ),
        migrations.RunSQL(SQL, REVERSE),
    )
