"""A task that was settled a year ago may go: it says who a legal representative was. docs/retention.toml says when."""

from django.db import migrations

SQL = """
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
"""


class Migration(migrations.Migration):
    dependencies = (("accounts", "0008_entities_searched"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
