"""History is append-only, numbered without gaps and chained by hash within an entity."""

from django.db import migrations

SQL = """
CREATE FUNCTION audit_digest(line audit_event) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(coalesce(line.prev_hash, ''::bytea) || convert_to(jsonb_build_array(
        line.seq, to_char(line.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), line.entity_number,
        line.actor, line.actor_label, line.action, line.target, line.data)::text, 'UTF8'))
$$;

-- One writer per entity until its commit, so that numbers and hashes follow one another.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last audit_event;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit:' || NEW.entity_number, 0));
    SELECT * INTO last FROM audit_event WHERE entity_number = NEW.entity_number ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.prev_hash := last.hash;
    NEW.hash := audit_digest(NEW);
    RETURN NEW;
END
$$;

CREATE FUNCTION audit_deny() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_event is append-only (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_1_chain BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_chain();
CREATE TRIGGER audit_2_deny BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_deny();
CREATE TRIGGER audit_3_deny_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_deny();

-- What `manage.py verify_history` reads: a line is right if it follows its predecessor and still has its own hash.
CREATE VIEW audit_check AS
    SELECT id, entity_number, seq,
        prev_hash IS NOT DISTINCT FROM lag(hash) OVER chain AND seq = coalesce(lag(seq) OVER chain, 0) + 1 AS follows,
        hash = audit_digest(line) AS unchanged
    FROM audit_event line
    WINDOW chain AS (PARTITION BY entity_number ORDER BY seq);
"""

REVERSE = """
DROP VIEW audit_check;
DROP TRIGGER audit_3_deny_truncate ON audit_event;
DROP TRIGGER audit_2_deny ON audit_event;
DROP TRIGGER audit_1_chain ON audit_event;
DROP FUNCTION audit_deny();
DROP FUNCTION audit_chain();
DROP FUNCTION audit_digest(audit_event);
"""


class Migration(migrations.Migration):
    dependencies = (("audit", "0001_initial"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
