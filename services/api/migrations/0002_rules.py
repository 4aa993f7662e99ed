"""What may begin or end a right is seen here, whoever does it; and what was told stays, each e-service its own."""

from django.db import migrations

SQL = """
-- Assignments: many at once are one statement.
CREATE FUNCTION api_assignments_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id, assignment_id)
        SELECT grp.service_id, changed.id FROM changed JOIN services_servicegroup grp ON grp.id = changed.group_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_assignments_made AFTER INSERT ON services_assignment
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION api_assignments_made();

CREATE FUNCTION api_assignments_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id, assignment_id)
        SELECT grp.service_id, changed.id
        FROM changed JOIN was ON was.id = changed.id JOIN services_servicegroup grp ON grp.id = changed.group_id
        WHERE (changed.valid_from, changed.valid_until, changed.ended_at)
            IS DISTINCT FROM (was.valid_from, was.valid_until, was.ended_at);
    RETURN NULL;
END
$$;

CREATE TRIGGER api_assignments_changed AFTER UPDATE ON services_assignment
    REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION api_assignments_changed();

-- What stands above assignments: those of a login, of an entity, of an entity at an e-service, or all at an e-service.
CREATE FUNCTION api_login_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id, assignment_id)
        SELECT grp.service_id, assignment.id
        FROM services_assignment assignment JOIN services_servicegroup grp ON grp.id = assignment.group_id
        WHERE assignment.login_id = NEW.id AND assignment.ended_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_login_changed AFTER UPDATE OF status ON staff_stafflogin FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION api_login_changed();

CREATE FUNCTION api_entity_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id, assignment_id)
        SELECT grp.service_id, assignment.id
        FROM services_assignment assignment JOIN services_servicegroup grp ON grp.id = assignment.group_id
        WHERE assignment.entity_id = NEW.id AND assignment.ended_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_entity_changed AFTER UPDATE OF status ON accounts_entity FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION api_entity_changed();

CREATE FUNCTION api_opening_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id, assignment_id)
        SELECT grp.service_id, assignment.id
        FROM services_assignment assignment JOIN services_servicegroup grp ON grp.id = assignment.group_id
        WHERE assignment.entity_id = NEW.entity_id AND grp.service_id = NEW.service_id AND assignment.ended_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_opening_changed AFTER UPDATE OF status ON services_opening FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION api_opening_changed();

CREATE FUNCTION api_service_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER api_service_changed AFTER UPDATE OF withdrawn_at ON services_eservice FOR EACH ROW
    WHEN (OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at) EXECUTE FUNCTION api_service_changed();

CREATE FUNCTION api_group_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_touched (service_id) VALUES (NEW.service_id);
    RETURN NULL;
END
$$;

CREATE TRIGGER api_group_changed AFTER UPDATE OF withdrawn_at ON services_servicegroup FOR EACH ROW
    WHEN (OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at) EXECUTE FUNCTION api_group_changed();

-- What was told
CREATE FUNCTION api_change_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a change that was told stays as it was'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'api_change_stays';
END
$$;

CREATE TRIGGER api_change_stays BEFORE UPDATE ON api_change FOR EACH ROW EXECUTE FUNCTION api_change_stays();

CREATE FUNCTION api_change_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM made JOIN services_servicegroup grp ON grp.id = made.group_id
        WHERE grp.service_id <> made.service_id
    ) THEN
        RAISE EXCEPTION 'a group of another e-service'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_change_of_its_service';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_change_belongs AFTER INSERT ON api_change
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION api_change_belongs();

CREATE FUNCTION api_held_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM made
        JOIN services_assignment assignment ON assignment.id = made.assignment_id
        JOIN services_servicegroup grp ON grp.id = assignment.group_id
        WHERE grp.service_id <> made.service_id
    ) THEN
        RAISE EXCEPTION 'an assignment at another e-service'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'api_held_of_its_service';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_held_belongs AFTER INSERT ON api_held
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION api_held_belongs();
"""

REVERSE = """
DROP TRIGGER api_held_belongs ON api_held;
DROP FUNCTION api_held_belongs();
DROP TRIGGER api_change_belongs ON api_change;
DROP FUNCTION api_change_belongs();
DROP TRIGGER api_change_stays ON api_change;
DROP FUNCTION api_change_stays();
DROP TRIGGER api_group_changed ON services_servicegroup;
DROP FUNCTION api_group_changed();
DROP TRIGGER api_service_changed ON services_eservice;
DROP FUNCTION api_service_changed();
DROP TRIGGER api_opening_changed ON services_opening;
DROP FUNCTION api_opening_changed();
DROP TRIGGER api_entity_changed ON accounts_entity;
DROP FUNCTION api_entity_changed();
DROP TRIGGER api_login_changed ON staff_stafflogin;
DROP FUNCTION api_login_changed();
DROP TRIGGER api_assignments_changed ON services_assignment;
DROP FUNCTION api_assignments_changed();
DROP TRIGGER api_assignments_made ON services_assignment;
DROP FUNCTION api_assignments_made();
"""


class Migration(migrations.Migration):
    dependencies = (
        ("api", "0001_initial"),
        ("accounts", "0001_initial"),
        ("staff", "0002_rules"),
        ("services", "0002_rules"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
