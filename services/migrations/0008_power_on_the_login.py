"""Whether somebody is a service administrator stands on the login too, by which lists are sorted (`StaffLogin.rank`)."""

from django.db import migrations

SQL = """
CREATE FUNCTION services_power_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE staff_stafflogin SET assigns = true WHERE id IN (SELECT login_id FROM changed) AND NOT assigns;
    RETURN NULL;
END
$$;

CREATE FUNCTION services_power_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE staff_stafflogin SET assigns = false WHERE id IN (SELECT login_id FROM changed) AND assigns;
    RETURN NULL;
END
$$;

CREATE TRIGGER services_power_given AFTER INSERT ON services_serviceadministrator
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION services_power_given();
CREATE TRIGGER services_power_taken AFTER DELETE ON services_serviceadministrator
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION services_power_taken();

CREATE FUNCTION services_power_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a power is given and taken, never handed on'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'services_power_stays';
END
$$;

CREATE TRIGGER services_power_stays BEFORE UPDATE OF login_id ON services_serviceadministrator
    FOR EACH ROW WHEN (OLD.login_id <> NEW.login_id) EXECUTE FUNCTION services_power_stays();

UPDATE staff_stafflogin SET assigns = true WHERE id IN (SELECT login_id FROM services_serviceadministrator);
"""

REVERSE = """
DROP TRIGGER services_power_stays ON services_serviceadministrator;
DROP FUNCTION services_power_stays();
DROP TRIGGER services_power_taken ON services_serviceadministrator;
DROP TRIGGER services_power_given ON services_serviceadministrator;
DROP FUNCTION services_power_taken();
DROP FUNCTION services_power_given();
UPDATE staff_stafflogin SET assigns = false WHERE assigns;
"""


class Migration(migrations.Migration):
    dependencies = (("services", "0007_catalogue_rules"), ("staff", "0014_login_rank"))

    operations = (migrations.RunSQL(SQL, REVERSE),)
