"""What entities are searched by has indexes: the characters of their names, and the registration number in any case."""

from django.db import migrations, models
from django.db.models.functions import Upper

SQL = r"""
-- Every character of a text, and every two that stand side by side.
CREATE FUNCTION accounts_grams(searched text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT single || ARRAY(SELECT one || next FROM unnest(single, single[2:]) AS pair (one, next) WHERE next IS NOT NULL)
    FROM (SELECT string_to_array(searched, NULL)) AS characters (single)
$$;

CREATE INDEX accounts_entity_by_grams ON accounts_entity
    USING gin (accounts_grams(upper(name_zh) || E'\n' || upper(name_pt)));
"""

REVERSE = """
DROP INDEX accounts_entity_by_grams;
DROP FUNCTION accounts_grams(text);
"""


class Migration(migrations.Migration):
    dependencies = (("accounts", "0007_register_imports"),)

    operations = (
        migrations.AddIndex(
            "entity", models.Index(Upper("registration_number"), name="accounts_entity_by_register")
        ),
        migrations.RunSQL(SQL, REVERSE),
    )
