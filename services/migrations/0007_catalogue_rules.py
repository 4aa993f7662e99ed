"""Catalogue managers have the role; codes stay; nobody is put into a group that is closed or closing."""

from django.db import migrations

SQL = """
CREATE FUNCTION services_manager_has_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Held, so that the role cannot go in the same moment and leave this row behind.
    PERFORM FROM staff_officerrole WHERE login_id = NEW.login_id AND role = 'catalogue' FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only officers with this role look after a department'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_manager_has_role';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER services_manager_has_role BEFORE INSERT OR UPDATE ON services_cataloguemanager
    FOR EACH ROW EXECUTE FUNCTION services_manager_has_role();

-- Who loses the role and gets it again begins without departments.
CREATE FUNCTION services_manager_goes_with_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM services_cataloguemanager WHERE login_id = OLD.login_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER services_manager_goes_with_role AFTER DELETE ON staff_officerrole
    FOR EACH ROW WHEN (OLD.role = 'catalogue') EXECUTE FUNCTION services_manager_goes_with_role();

-- E-services know groups by these codes, and history names by them what it speaks of.
CREATE FUNCTION services_code_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'codes and owners stay as they are'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'services_code_stays';
END
$$;

CREATE TRIGGER services_code_stays BEFORE UPDATE OF code ON services_department
    FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION services_code_stays();
CREATE TRIGGER services_code_stays BEFORE UPDATE OF code, department_id ON services_eservice
    FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code OR OLD.department_id <> NEW.department_id)
    EXECUTE FUNCTION services_code_stays();
CREATE TRIGGER services_code_stays BEFORE UPDATE OF code, service_id ON services_servicegroup
    FOR EACH ROW WHEN (OLD.code IS DISTINCT FROM NEW.code OR OLD.service_id <> NEW.service_id)
    EXECUTE FUNCTION services_code_stays();

CREATE FUNCTION services_merged_in_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM services_servicegroup WHERE id = NEW.merged_into_id AND service_id = NEW.service_id) THEN
        RAISE EXCEPTION 'a group is merged into another of its e-service'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_merged_in_service';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER services_merged_in_service BEFORE INSERT OR UPDATE OF merged_into_id ON services_servicegroup
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION services_merged_in_service();

CREATE FUNCTION services_assignment_group_takes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The lock waits for whoever is closing the group, and sees what they did.
    PERFORM FROM services_servicegroup
        WHERE id = NEW.group_id AND withdrawn_at IS NULL AND merged_into_id IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the group is closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_assignment_group_takes_people';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER services_assignment_group_takes BEFORE INSERT ON services_assignment
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION services_assignment_group_takes();
"""

REVERSE = """
DROP TRIGGER services_assignment_group_takes ON services_assignment;
DROP FUNCTION services_assignment_group_takes();
DROP TRIGGER services_merged_in_service ON services_servicegroup;
DROP FUNCTION services_merged_in_service();
DROP TRIGGER services_code_stays ON services_servicegroup;
DROP TRIGGER services_code_stays ON services_eservice;
DROP TRIGGER services_code_stays ON services_department;
DROP FUNCTION services_code_stays();
DROP TRIGGER services_manager_goes_with_role ON staff_officerrole;
DROP FUNCTION services_manager_goes_with_role();
DROP TRIGGER services_manager_has_role ON services_cataloguemanager;
DROP FUNCTION services_manager_has_role();
"""


class Migration(migrations.Migration):
    dependencies = (
        ("services", "0006_catalogue_managed"),
        ("staff", "0008_officers"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
