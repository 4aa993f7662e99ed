"""What ends a session whoever causes it, and that a login has one authenticator application."""

from django.db import migrations

SQL = """
-- 已離職 and the loss of the administrator power end every session of the login, in the same transaction (Q25, A63, A68);
-- so does becoming an officer, of whom a second factor is demanded.
CREATE FUNCTION staff_end_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM staff_session WHERE login_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER staff_end_sessions AFTER UPDATE OF status, is_administrator, is_staff ON staff_stafflogin FOR EACH ROW
    WHEN ((NEW.status = 'departed' AND OLD.status <> 'departed')
        OR (OLD.is_administrator AND NOT NEW.is_administrator)
        OR NEW.is_staff <> OLD.is_staff)
    EXECUTE FUNCTION staff_end_sessions();

-- So does the suspension of an entity, for all its people: they do not come back with it.
CREATE FUNCTION staff_end_sessions_of_entity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM staff_session WHERE login_id IN (SELECT id FROM staff_stafflogin WHERE entity_id = NEW.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER staff_end_sessions_of_entity AFTER UPDATE OF status ON accounts_entity FOR EACH ROW
    WHEN (NEW.status <> 'active' AND OLD.status = 'active')
    EXECUTE FUNCTION staff_end_sessions_of_entity();

CREATE UNIQUE INDEX staff_one_app_per_login ON otp_totp_totpdevice (user_id) WHERE confirmed;
"""

REVERSE = """
DROP INDEX staff_one_app_per_login;
DROP TRIGGER staff_end_sessions_of_entity ON accounts_entity;
DROP FUNCTION staff_end_sessions_of_entity();
DROP TRIGGER staff_end_sessions ON staff_stafflogin;
DROP FUNCTION staff_end_sessions();
"""


class Migration(migrations.Migration):
    dependencies = (
        ("staff", "0003_sessions_and_factors"),
        ("accounts", "0003_entity_second_factor"),
        ("otp_totp", "0003_add_timestamps"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
