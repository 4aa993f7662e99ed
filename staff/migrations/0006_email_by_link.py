"""The address of an activated login changes in the transaction that uses up a link sent to it, or is removed."""

from django.db import migrations

SQL = """
CREATE FUNCTION staff_email_by_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM staff_emailchange
        WHERE login_id = NEW.id AND email = NEW.email AND used_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'an e-mail address changes by a link that was sent to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_email_by_link';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER staff_email_by_link BEFORE UPDATE OF email ON staff_stafflogin FOR EACH ROW
    WHEN (OLD.status = 'active' AND NEW.email <> '' AND OLD.email IS DISTINCT FROM NEW.email)
    EXECUTE FUNCTION staff_email_by_link();
"""

REVERSE = """
DROP TRIGGER staff_email_by_link ON staff_stafflogin;
DROP FUNCTION staff_email_by_link();
"""


class Migration(migrations.Migration):
    dependencies = (("staff", "0005_email_change"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
