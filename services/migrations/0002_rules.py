"""Login, opening and entity of an assignment belong together; an ended assignment stays ended."""

from django.db import migrations

SQL = """
CREATE FUNCTION services_assignment_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM staff_stafflogin
        WHERE id = NEW.login_id AND entity_id = NEW.entity_id AND (status <> 'departed' OR NEW.ended_at IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'the login is not one of this entity, or has departed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_assignment_login_of_entity';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM services_opening opening JOIN services_servicegroup grp ON grp.service_id = opening.service_id
        WHERE grp.id = NEW.group_id AND opening.entity_id = NEW.entity_id
    ) THEN
        RAISE EXCEPTION 'the e-service was never opened to this entity'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_assignment_opened_to_entity';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER services_assignment_belongs BEFORE INSERT OR UPDATE OF entity_id, login_id, group_id
    ON services_assignment FOR EACH ROW EXECUTE FUNCTION services_assignment_belongs();

CREATE FUNCTION services_assignment_stays_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an ended assignment stays as it was'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'services_assignment_stays_ended';
END
$$;

CREATE TRIGGER services_assignment_stays_ended BEFORE UPDATE ON services_assignment FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION services_assignment_stays_ended();

CREATE FUNCTION services_power_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM staff_stafflogin WHERE id = NEW.login_id AND entity_id = NEW.entity_id) THEN
        RAISE EXCEPTION 'the login is not one of this entity'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_power_login_of_entity';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER services_power_belongs BEFORE INSERT OR UPDATE ON services_serviceadministrator FOR EACH ROW
    EXECUTE FUNCTION services_power_belongs();
"""

REVERSE = """
DROP TRIGGER services_power_belongs ON services_serviceadministrator;
DROP FUNCTION services_power_belongs();
DROP TRIGGER services_assignment_stays_ended ON services_assignment;
DROP FUNCTION services_assignment_stays_ended();
DROP TRIGGER services_assignment_belongs ON services_assignment;
DROP FUNCTION services_assignment_belongs();
"""


class Migration(migrations.Migration):
    dependencies = (
        ("services", "0001_initial"),
        ("staff", "0002_rules"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
