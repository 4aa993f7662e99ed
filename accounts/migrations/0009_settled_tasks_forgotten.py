"""A task that was settled a year ago may go: it says who a legal representative was. docs/retention.toml says when.

Of an entity that was closed the history knows since when.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION accounts_closed_at(closed bigint) RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT max(line.at) FROM audit_event line JOIN accounts_entity entity ON entity.id = closed
    WHERE entity.status = 'closed' AND line.action = 'entity.status_changed' AND line.data ->> 'now' = 'closed'
        AND line.entity_number IN (
            SELECT entity.number UNION ALL SELECT number FROM accounts_formernumber WHERE entity_id = closed)
$$;

DROP TRIGGER accounts_registertask_done ON accounts_registertask;
CREATE TRIGGER accounts_registertask_done BEFORE UPDATE ON accounts_registertask
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION accounts_registertask_done();
CREATE TRIGGER accounts_registertask_goes_late BEFORE DELETE ON accounts_registertask
    FOR EACH ROW WHEN (OLD.done_at > statement_timestamp() - interval '365 days')
    EXECUTE FUNCTION accounts_registertask_done();
"""

REVERSE = """
DROP TRIGGER accounts_registertask_goes_late ON accounts_registertask;
DROP TRIGGER accounts_registertask_done ON accounts_registertask;
CREATE TRIGGER accounts_registertask_done BEFORE UPDATE OR DELETE ON accounts_registertask
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION accounts_registertask_done();
DROP FUNCTION accounts_closed_at(bigint);
"""


class Migration(migrations.Migration):
    dependencies = (("accounts", "0008_entities_searched"), ("audit", "0010_count_in_the_index"))

    operations = (migrations.RunSQL(SQL, REVERSE),)
