"""Document numbers are encrypted, step one of three: columns for them beside the plain ones.

The release of before may run until the third step: what it writes meanwhile is encrypted by the second or the third.
"""

from django.db import migrations

from entity_portal.sealed import IndexField, SealedField

SQL = """
CREATE FUNCTION staff_forget_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.document_sealed := NULL;
    NEW.document_index := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER staff_forget_sealed BEFORE UPDATE OF document_number ON staff_stafflogin
    FOR EACH ROW WHEN (NEW.document_number <> OLD.document_number) EXECUTE FUNCTION staff_forget_sealed();
"""
REVERSE = """
DROP TRIGGER staff_forget_sealed ON staff_stafflogin;
DROP FUNCTION staff_forget_sealed();
"""
PURPOSE = "staff.document_number"


class Migration(migrations.Migration):
    dependencies = (
        ("staff", "0017_departed_forgotten"),
        ("entity_portal", "0002_rotating_keys"),
    )

    operations = (
        migrations.AddField(
            "stafflogin", "document_sealed", SealedField(null=True, pattern=r"[A-Z0-9]{4,20}", purpose=PURPOSE)
        ),
        migrations.AddField(
            "stafflogin", "document_index", IndexField(null=True, of="document_number", purpose=PURPOSE)
        ),
        migrations.RunSQL(SQL, REVERSE),
    )
