"""How an application moves, what stays, and what only an approved one may do to a login."""

from django.db import migrations

SQL = """
ALTER TABLE applications_application ADD CONSTRAINT applications_number_has_check_digit
    CHECK (number ~ '^AP[0-9]{9}$' AND accounts_check_digit_fits(substr(number, 3)));

ALTER TABLE applications_application ADD CONSTRAINT applications_one_to_three_administrators
    CHECK (kind <> 'first' OR state IN ('draft', 'withdrawn')
        OR jsonb_array_length(answers -> 'administrators') BETWEEN 1 AND 3);

CREATE FUNCTION applications_keep_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- the table is accounts.applications.models.NEXT_STATES
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'submitted'), ('draft', 'withdrawn'),
        ('submitted', 'asked'), ('submitted', 'approved'), ('submitted', 'refused'), ('submitted', 'withdrawn'),
        ('asked', 'answered'), ('asked', 'refused'), ('asked', 'withdrawn'),
        ('answered', 'asked'), ('answered', 'approved'), ('answered', 'refused'), ('answered', 'withdrawn'))
    THEN
        RAISE EXCEPTION 'an application does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_state_moves_on';
    END IF;
    IF (NEW.number, NEW.kind, NEW.channel, NEW.created_at) IS DISTINCT FROM
        (OLD.number, OLD.kind, OLD.channel, OLD.created_at)
        OR (OLD.entered_by_id IS NOT NULL AND NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id)
        OR (OLD.submitted_at IS NOT NULL AND NEW.submitted_at IS DISTINCT FROM OLD.submitted_at)
        OR (OLD.entity_id IS NOT NULL AND NEW.entity_id IS DISTINCT FROM OLD.entity_id)
    THEN
        RAISE EXCEPTION 'number, kind and origin of an application stay'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_origin_stays';
    END IF;
    IF OLD.state NOT IN ('draft', 'asked') AND (NEW.answers, NEW.login_id, NEW.registration_number, NEW.mobile)
        IS DISTINCT FROM (OLD.answers, OLD.login_id, OLD.registration_number, OLD.mobile)
    THEN
        RAISE EXCEPTION 'what was submitted stays, until more is asked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_answers_stay';
    END IF;
    IF (NEW.proof, NEW.proven_at) IS DISTINCT FROM (OLD.proof, OLD.proven_at)
        AND NOT (NEW.state = 'approved' AND OLD.state <> 'approved')
    THEN
        RAISE EXCEPTION 'consent is proven in the approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_proof_with_approval';
    END IF;
    IF NEW.kind = 'correction' AND OLD.state = 'draft' AND NEW.state = 'submitted'
        AND NOT EXISTS (SELECT 1 FROM applications_document WHERE application_id = NEW.id)
    THEN
        RAISE EXCEPTION 'a correction comes with evidence'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_correction_has_evidence';
    END IF;
    IF OLD.state IN ('approved', 'refused', 'withdrawn') AND
        (NEW.decided_at, NEW.decided_by_id, NEW.at_once) IS DISTINCT FROM
        (OLD.decided_at, OLD.decided_by_id, OLD.at_once)
    THEN
        RAISE EXCEPTION 'a decision stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_decision_stays';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER applications_keep_facts BEFORE UPDATE ON applications_application
    FOR EACH ROW EXECUTE FUNCTION applications_keep_facts();

-- The state is where the last move led; looked at when the transaction commits.
CREATE FUNCTION applications_state_is_last_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text;
    led_to text;
BEGIN
    SELECT state INTO kept FROM applications_application WHERE id = NEW.id;
    SELECT now INTO led_to FROM applications_move WHERE application_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF kept IS NOT NULL AND kept <> coalesce(led_to, 'draft') THEN
        RAISE EXCEPTION 'every change of state is a move'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_state_is_last_move';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER applications_state_is_last_move AFTER INSERT OR UPDATE OF state ON applications_application
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION applications_state_is_last_move();

CREATE FUNCTION applications_move_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a move stays as it was'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_move_stays';
END
$$;

CREATE TRIGGER applications_move_stays BEFORE UPDATE OR DELETE ON applications_move
    FOR EACH ROW EXECUTE FUNCTION applications_move_stays();

CREATE FUNCTION applications_document_may_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM applications_application
        WHERE id = coalesce(NEW.application_id, OLD.application_id) AND state NOT IN ('draft', 'asked')
    ) THEN
        RAISE EXCEPTION 'documents come and go while an application is filled in, or when more was asked'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_document_may_change';
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM 1 FROM applications_application WHERE id = NEW.application_id FOR NO KEY UPDATE;
        -- the number is accounts.applications.models.DOCUMENTS_AT_MOST
        IF (SELECT count(*) FROM applications_document WHERE application_id = NEW.application_id) >= 10 THEN
            RAISE EXCEPTION 'ten documents are enough'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'applications_documents_at_most';
        END IF;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

CREATE TRIGGER applications_document_may_change BEFORE INSERT OR UPDATE OR DELETE ON applications_document
    FOR EACH ROW EXECUTE FUNCTION applications_document_may_change();

-- --- what only an application may do to a login ---

CREATE FUNCTION applications_power_by_application() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM applications_power power JOIN applications_application asked ON asked.id = power.application_id
        WHERE power.login_id = NEW.id AND asked.state = 'approved' AND asked.entity_id = NEW.entity_id
            AND asked.decided_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'administrator power is given by the approval of an application'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_administrator_power_not_taken';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER applications_power_by_application BEFORE UPDATE OF is_administrator ON staff_stafflogin
    FOR EACH ROW WHEN (NEW.is_administrator AND NOT OLD.is_administrator)
    EXECUTE FUNCTION applications_power_by_application();

-- A login that begins as an administrator is the first of its entity, or an application's. Looked at on commit.
CREATE FUNCTION applications_administrator_by_application() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM staff_stafflogin WHERE entity_id = NEW.entity_id AND is_administrator AND id < NEW.id
    ) AND NOT EXISTS (
        SELECT 1 FROM applications_power power JOIN applications_application asked ON asked.id = power.application_id
        WHERE power.login_id = NEW.id AND asked.state = 'approved' AND asked.entity_id = NEW.entity_id
    ) THEN
        RAISE EXCEPTION 'another administrator is opened by the approval of an application'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_administrator_by_application';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER applications_administrator_by_application AFTER INSERT ON staff_stafflogin
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.is_administrator)
    EXECUTE FUNCTION applications_administrator_by_application();

-- the list is StaffLogin.IDENTITY_FIELDS
CREATE FUNCTION applications_identity_by_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM applications_application
        WHERE login_id = NEW.id AND kind = 'correction' AND state = 'approved' AND decided_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'after activation the data are changed by the approval of an application only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_identity_frozen';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER applications_identity_by_correction
    BEFORE UPDATE OF name_zh, name_foreign, document_type, document_number, document_place, birth_date, mobile
    ON staff_stafflogin FOR EACH ROW WHEN (OLD.activated_at IS NOT NULL AND
        (NEW.name_zh, NEW.name_foreign, NEW.document_type, NEW.document_number, NEW.document_place, NEW.birth_date, NEW.mobile)
        IS DISTINCT FROM
        (OLD.name_zh, OLD.name_foreign, OLD.document_type, OLD.document_number, OLD.document_place, OLD.birth_date, OLD.mobile))
    EXECUTE FUNCTION applications_identity_by_correction();
"""

REVERSE = """
DROP TRIGGER applications_identity_by_correction ON staff_stafflogin;
DROP FUNCTION applications_identity_by_correction();
DROP TRIGGER applications_administrator_by_application ON staff_stafflogin;
DROP FUNCTION applications_administrator_by_application();
DROP TRIGGER applications_power_by_application ON staff_stafflogin;
DROP FUNCTION applications_power_by_application();
DROP TRIGGER applications_document_may_change ON applications_document;
DROP FUNCTION applications_document_may_change();
DROP TRIGGER applications_move_stays ON applications_move;
DROP FUNCTION applications_move_stays();
DROP TRIGGER applications_state_is_last_move ON applications_application;
DROP FUNCTION applications_state_is_last_move();
DROP TRIGGER applications_keep_facts ON applications_application;
DROP FUNCTION applications_keep_facts();
ALTER TABLE applications_application DROP CONSTRAINT applications_one_to_three_administrators;
ALTER TABLE applications_application DROP CONSTRAINT applications_number_has_check_digit;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("applications", "0001_initial"),
        ("staff", "0009_by_application"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
