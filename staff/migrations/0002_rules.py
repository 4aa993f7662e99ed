"""What a login may become, what stays, and that an active entity keeps an administrator."""

from django.db import migrations

SQL = """
ALTER TABLE staff_stafflogin ADD CONSTRAINT staff_euid_has_check_digit
    CHECK (accounts_check_digit_fits(substr(euid, 3)));

CREATE FUNCTION staff_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.euid <> OLD.euid OR NEW.entity_id <> OLD.entity_id THEN
        RAISE EXCEPTION 'EUID and entity of a login never change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_euid_for_ever';
    END IF;
    IF NEW.username IS DISTINCT FROM OLD.username AND OLD.username IS NOT NULL THEN
        RAISE EXCEPTION 'a username cannot be changed once set'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_username_once_set_stays';
    END IF;
    -- the table is staff.models.login.NEXT_STATUSES
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
        (('pending', 'active'), ('pending', 'departed'), ('active', 'departed'))
    THEN
        RAISE EXCEPTION 'a login does not go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_status_moves_on';
    END IF;
    IF (OLD.activated_at IS NOT NULL AND NEW.activated_at IS DISTINCT FROM OLD.activated_at)
        OR (OLD.departed_at IS NOT NULL AND NEW.departed_at IS DISTINCT FROM OLD.departed_at)
    THEN
        RAISE EXCEPTION 'the times of activation and departure stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_times_stay';
    END IF;
    -- the list is StaffLogin.IDENTITY_FIELDS
    IF (OLD.activated_at IS NOT NULL OR OLD.status = 'departed') AND
        (NEW.name_zh, NEW.name_foreign, NEW.document_type, NEW.document_number, NEW.document_place, NEW.birth_date, NEW.mobile)
        IS DISTINCT FROM
        (OLD.name_zh, OLD.name_foreign, OLD.document_type, OLD.document_number, OLD.document_place, OLD.birth_date, OLD.mobile)
    THEN
        RAISE EXCEPTION 'after activation the data cannot be edited'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_identity_frozen';
    END IF;
    IF NEW.is_administrator AND NOT OLD.is_administrator THEN
        RAISE EXCEPTION 'administrator power is given at creation only, until applications can give it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_administrator_power_not_taken';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER staff_keep_facts BEFORE UPDATE ON staff_stafflogin FOR EACH ROW EXECUTE FUNCTION staff_keep_facts();

CREATE FUNCTION staff_keep_login() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a login is kept, never deleted: its EUID must not come again'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_login_is_kept';
END
$$;

CREATE TRIGGER staff_keep_login BEFORE DELETE ON staff_stafflogin FOR EACH ROW EXECUTE FUNCTION staff_keep_login();

-- Looked at when a transaction commits. The lock makes two administrators who remove each other wait here.
CREATE FUNCTION staff_demand_administrator(entity bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_entity WHERE id = entity AND status = 'active' FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM staff_stafflogin WHERE entity_id = entity AND is_administrator AND status <> 'departed'
    ) THEN
        RAISE EXCEPTION 'an active entity has at least one administrator'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_entity_keeps_an_administrator';
    END IF;
END
$$;

CREATE FUNCTION staff_login_leaves_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM staff_demand_administrator(NEW.entity_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION staff_entity_has_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM staff_demand_administrator(NEW.id);
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER staff_login_leaves_administrator AFTER UPDATE OF status, is_administrator ON staff_stafflogin
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.is_administrator AND (NOT NEW.is_administrator OR NEW.status = 'departed'))
    EXECUTE FUNCTION staff_login_leaves_administrator();

CREATE CONSTRAINT TRIGGER staff_entity_has_administrator AFTER INSERT OR UPDATE OF status ON accounts_entity
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION staff_entity_has_administrator();
"""

REVERSE = """
DROP TRIGGER staff_entity_has_administrator ON accounts_entity;
DROP TRIGGER staff_login_leaves_administrator ON staff_stafflogin;
DROP FUNCTION staff_entity_has_administrator();
DROP FUNCTION staff_login_leaves_administrator();
DROP FUNCTION staff_demand_administrator(bigint);
DROP TRIGGER staff_keep_login ON staff_stafflogin;
DROP FUNCTION staff_keep_login();
DROP TRIGGER staff_keep_facts ON staff_stafflogin;
DROP FUNCTION staff_keep_facts();
ALTER TABLE staff_stafflogin DROP CONSTRAINT staff_euid_has_check_digit;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("staff", "0001_initial"),
        ("accounts", "0002_check_digit"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
