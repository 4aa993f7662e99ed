"""Administrator power and frozen data: what an approved application may change is asked of the room that keeps them."""

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION staff_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
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
    -- the list is StaffLogin.IDENTITY_FIELDS; of an activated login an approved application may (applications/0002)
    IF OLD.status = 'departed' AND
        (NEW.name_zh, NEW.name_foreign, NEW.document_type, NEW.document_number, NEW.document_place, NEW.birth_date, NEW.mobile)
        IS DISTINCT FROM
        (OLD.name_zh, OLD.name_foreign, OLD.document_type, OLD.document_number, OLD.document_place, OLD.birth_date, OLD.mobile)
    THEN
        RAISE EXCEPTION 'the data of who has departed stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_identity_frozen';
    END IF;
    RETURN NEW;
END
$$;
"""

REVERSE = """
CREATE OR REPLACE FUNCTION staff_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = (("staff", "0008_officers"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
