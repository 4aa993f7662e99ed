"""A change that was told stays as it was, and what an e-service is told is its own."""

from django.db import migrations

SQL = """
CREATE FUNCTION api_change_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a change that was told stays as it was'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'api_change_stays';
END
$$;

CREATE TRIGGER api_change_stays BEFORE UPDATE ON api_change FOR EACH ROW EXECUTE FUNCTION api_change_stays();

CREATE FUNCTION api_change_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM services_servicegroup WHERE id = NEW.group_id AND service_id = NEW.service_id) THEN
        RAISE EXCEPTION 'a group of another e-service'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_change_of_its_service';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER api_change_belongs BEFORE INSERT ON api_change FOR EACH ROW EXECUTE FUNCTION api_change_belongs();

CREATE FUNCTION api_held_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM services_assignment assignment JOIN services_servicegroup grp ON grp.id = assignment.group_id
        WHERE assignment.id = NEW.assignment_id AND grp.service_id = NEW.service_id
    ) THEN
        RAISE EXCEPTION 'an assignment at another e-service'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_held_of_its_service';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER api_held_belongs BEFORE INSERT ON api_held FOR EACH ROW EXECUTE FUNCTION api_held_belongs();
"""

REVERSE = """
DROP TRIGGER api_held_belongs ON api_held;
DROP FUNCTION api_held_belongs();
DROP TRIGGER api_change_belongs ON api_change;
DROP FUNCTION api_change_belongs();
DROP TRIGGER api_change_stays ON api_change;
DROP FUNCTION api_change_stays();
"""


class Migration(migrations.Migration):
    dependencies = (("api", "0001_initial"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
