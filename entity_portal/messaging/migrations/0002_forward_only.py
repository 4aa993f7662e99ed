"""A text's status only moves forward; the table is `messaging.models.NEXT_STATUSES`."""

from django.db import migrations

SQL = """
CREATE FUNCTION messaging_sms_forward_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('queued', 'sending'), ('queued', 'failed'),
        ('sending', 'queued'), ('sending', 'sent'), ('sending', 'delivered'), ('sending', 'failed'), ('sending', 'unknown'),
        ('unknown', 'sent'), ('unknown', 'delivered'), ('unknown', 'failed'),
        ('sent', 'delivered'), ('sent', 'failed')
    ) THEN
        RAISE EXCEPTION 'an SMS does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messaging_sms_forward_only';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER messaging_sms_forward_only BEFORE UPDATE OF status ON messaging_sms FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION messaging_sms_forward_only();
"""

REVERSE = """
DROP TRIGGER messaging_sms_forward_only ON messaging_sms;
DROP FUNCTION messaging_sms_forward_only();
"""


class Migration(migrations.Migration):
    dependencies = (("messaging", "0001_initial"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
