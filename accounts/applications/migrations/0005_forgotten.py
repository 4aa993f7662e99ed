"""What may go long after an application is closed: its documents; the people in what was filled in; one not approved.

`docs/retention.toml` says when. Here stands what the database demands at least: 90 days for documents, else a year.
"""

from django.db import migrations

SQL = """
-- Since when an application has been closed; NULL while it is open.
CREATE FUNCTION applications_closed_at(application bigint) RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT max(move.at) FROM applications_move move JOIN applications_application closed ON closed.id = move.application_id
    WHERE move.application_id = application AND closed.state IN ('approved', 'refused', 'withdrawn')
$$;

-- The same of one that was not approved.
CREATE FUNCTION applications_given_up_at(application bigint) RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT max(move.at) FROM applications_move move JOIN applications_application closed ON closed.id = move.application_id
    WHERE move.application_id = application AND closed.state IN ('refused', 'withdrawn')
$$;

-- What was filled in, without people: the parts, what was said of the entity, and the terms that were accepted.
CREATE FUNCTION applications_without_people(answers jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT
SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(part, CASE
        WHEN part IN ('entity', 'agreement') THEN said
        WHEN jsonb_typeof(said) = 'array' THEN (SELECT coalesce(jsonb_agg('{}'::jsonb), '[]') FROM jsonb_array_elements(said))
        WHEN jsonb_typeof(said) = 'object' THEN '{}'
        ELSE '""'
    END), '{}') FROM jsonb_each(answers) AS each (part, said)
$$;

DROP TRIGGER applications_move_stays ON applications_move;
CREATE TRIGGER applications_move_stays BEFORE UPDATE ON applications_move
    FOR EACH ROW EXECUTE FUNCTION applications_move_stays();
CREATE TRIGGER applications_move_goes_late BEFORE DELETE ON applications_move FOR EACH ROW
    WHEN ((applications_given_up_at(OLD.application_id) <= statement_timestamp() - interval '365 days') IS NOT TRUE)
    EXECUTE FUNCTION applications_move_stays();

DROP TRIGGER applications_document_may_change ON applications_document;
CREATE TRIGGER applications_document_may_change BEFORE INSERT OR UPDATE ON applications_document
    FOR EACH ROW EXECUTE FUNCTION applications_document_may_change();
CREATE TRIGGER applications_document_goes_late BEFORE DELETE ON applications_document FOR EACH ROW
    WHEN ((applications_closed_at(OLD.application_id) <= statement_timestamp() - interval '90 days') IS NOT TRUE)
    EXECUTE FUNCTION applications_document_may_change();

-- All at once, and nothing else.
DROP TRIGGER applications_keep_facts ON applications_application;
CREATE TRIGGER applications_keep_facts BEFORE UPDATE ON applications_application FOR EACH ROW WHEN (NOT (
        OLD.state = 'approved' AND OLD.decided_at <= statement_timestamp() - interval '365 days'
        AND NEW.mobile = '' AND NEW.answers = applications_without_people(OLD.answers)
        AND (NEW.number, NEW.kind, NEW.channel, NEW.state, NEW.created_at, NEW.submitted_at, NEW.entered_by_id,
            NEW.entity_id, NEW.login_id, NEW.registration_number, NEW.proof, NEW.proven_at,
            NEW.decided_at, NEW.decided_by_id, NEW.at_once)
        IS NOT DISTINCT FROM
            (OLD.number, OLD.kind, OLD.channel, OLD.state, OLD.created_at, OLD.submitted_at, OLD.entered_by_id,
            OLD.entity_id, OLD.login_id, OLD.registration_number, OLD.proof, OLD.proven_at,
            OLD.decided_at, OLD.decided_by_id, OLD.at_once)
    )) EXECUTE FUNCTION applications_keep_facts();

-- Of whoever has departed `staff_keep_facts` says what may be emptied, and when.
DROP TRIGGER applications_identity_by_correction ON staff_stafflogin;
CREATE TRIGGER applications_identity_by_correction
    BEFORE UPDATE OF name_zh, name_foreign, document_type, document_number, document_place, birth_date, mobile
    ON staff_stafflogin FOR EACH ROW WHEN (OLD.activated_at IS NOT NULL AND OLD.status <> 'departed' AND
        (NEW.name_zh, NEW.name_foreign, NEW.document_type, NEW.document_number, NEW.document_place, NEW.birth_date, NEW.mobile)
        IS DISTINCT FROM
        (OLD.name_zh, OLD.name_foreign, OLD.document_type, OLD.document_number, OLD.document_place, OLD.birth_date, OLD.mobile))
    EXECUTE FUNCTION applications_identity_by_correction();
"""

REVERSE = """
DROP TRIGGER applications_identity_by_correction ON staff_stafflogin;
CREATE TRIGGER applications_identity_by_correction
    BEFORE UPDATE OF name_zh, name_foreign, document_type, document_number, document_place, birth_date, mobile
    ON staff_stafflogin FOR EACH ROW WHEN (OLD.activated_at IS NOT NULL AND
        (NEW.name_zh, NEW.name_foreign, NEW.document_type, NEW.document_number, NEW.document_place, NEW.birth_date, NEW.mobile)
        IS DISTINCT FROM
        (OLD.name_zh, OLD.name_foreign, OLD.document_type, OLD.document_number, OLD.document_place, OLD.birth_date, OLD.mobile))
    EXECUTE FUNCTION applications_identity_by_correction();

DROP TRIGGER applications_keep_facts ON applications_application;
CREATE TRIGGER applications_keep_facts BEFORE UPDATE ON applications_application
    FOR EACH ROW EXECUTE FUNCTION applications_keep_facts();

DROP TRIGGER applications_document_goes_late ON applications_document;
DROP TRIGGER applications_document_may_change ON applications_document;
CREATE TRIGGER applications_document_may_change BEFORE INSERT OR UPDATE OR DELETE ON applications_document
    FOR EACH ROW EXECUTE FUNCTION applications_document_may_change();

DROP TRIGGER applications_move_goes_late ON applications_move;
DROP TRIGGER applications_move_stays ON applications_move;
CREATE TRIGGER applications_move_stays BEFORE UPDATE OR DELETE ON applications_move
    FOR EACH ROW EXECUTE FUNCTION applications_move_stays();

DROP FUNCTION applications_without_people(jsonb);
DROP FUNCTION applications_given_up_at(bigint);
DROP FUNCTION applications_closed_at(bigint);
"""


class Migration(migrations.Migration):
    dependencies = (("applications", "0004_application_people"), ("staff", "0017_departed_forgotten"))

    operations = (migrations.RunSQL(SQL, REVERSE),)
