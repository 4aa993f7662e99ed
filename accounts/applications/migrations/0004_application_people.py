"""Whom open applications name has an index: what else names the same person is read with each of them."""

from django.db import migrations

SQL = """
CREATE INDEX applications_by_person ON applications_application USING gin (answers jsonb_path_ops)
    WHERE state IN ('submitted', 'answered', 'asked');
"""


class Migration(migrations.Migration):
    dependencies = (("applications", "0003_proof_by_any_provider"),)

    operations = (migrations.RunSQL(SQL, "DROP INDEX applications_by_person"),)
