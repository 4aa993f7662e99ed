"""What only an approved correction changes of an activated login: the encrypted number in the place of the plain one."""

from django.db import migrations

FIELDS = "name_zh, name_foreign, document_type, document_place, birth_date, mobile"


def trigger(document: str, resealed: str) -> str:
    """`document` are the columns of the number; `resealed` is true where it is only encrypted, or encrypted anew."""
    other = ", ".join(f"{{0}}.{name}" for name in FIELDS.split(", "))
    number = ", ".join(f"{{0}}.{name}" for name in document.split(", "))
    return f"""
DROP TRIGGER applications_identity_by_correction ON staff_stafflogin;
CREATE TRIGGER applications_identity_by_correction
    BEFORE UPDATE OF {FIELDS}, {document}
    ON staff_stafflogin FOR EACH ROW WHEN (OLD.activated_at IS NOT NULL AND OLD.status <> 'departed' AND (
        ({other.format("NEW")}) IS DISTINCT FROM ({other.format("OLD")})
        OR ({number.format("NEW")}) IS DISTINCT FROM ({number.format("OLD")}) AND NOT {resealed}))
    EXECUTE FUNCTION applications_identity_by_correction();
"""


# NULL is a number that was not encrypted yet: staff.0020 fills the rest, and then takes no NULL any more.
SQL = trigger(
    "document_sealed, document_index",
    "(OLD.document_sealed IS NULL OR entity_portal_resealed(OLD.document_sealed, NEW.document_sealed))",
)
REVERSE = trigger("document_number", "false")


class Migration(migrations.Migration):
    dependencies = (
        ("applications", "0005_forgotten"),
        ("staff", "0019_documents_sealed"),
    )
    run_before = (("staff", "0020_document_only_sealed"),)  # which takes the plain column away

    operations = (migrations.RunSQL(SQL, REVERSE),)
