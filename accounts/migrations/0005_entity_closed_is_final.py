"""Closed is final, and the entity that keeps the portal stays active."""

from django.db import migrations, models

SQL = """
-- of accounts.models.NEXT_ENTITY_STATUSES: nothing leads away from closed
CREATE FUNCTION accounts_closed_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an entity that is closed stays closed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_entity_closed_is_final';
END
$$;

CREATE TRIGGER accounts_closed_is_final BEFORE UPDATE OF status ON accounts_entity
    FOR EACH ROW WHEN (OLD.status = 'closed' AND NEW.status <> OLD.status) EXECUTE FUNCTION accounts_closed_is_final();
"""

REVERSE = """
DROP TRIGGER accounts_closed_is_final ON accounts_entity;
DROP FUNCTION accounts_closed_is_final();
"""


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0004_entity_keeps_portal"),
    )

    operations = (
        migrations.AddConstraint(
            model_name='entity',
            constraint=models.CheckConstraint(condition=models.Q(('keeps_portal', False), ('status', 'active'), _connector='OR'), name='accounts_entity_keeps_portal_is_active'),
        ),
        migrations.RunSQL(SQL, REVERSE),
    )
