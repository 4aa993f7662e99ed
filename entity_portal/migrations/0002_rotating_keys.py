"""What triggers ask while keys of encrypted data are changed: whether all that differs is the key.

`manage.py rotate_keys` says in its transaction that it rotates.
"""

from django.db import migrations

SQL = r"""
CREATE FUNCTION entity_portal_is_rotating() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('entity_portal.rotating_keys', true) = 'on', false)
$$;

-- A sealed value (the form is entity_portal.sealed.FORM): it begins with the name of its key.
CREATE FUNCTION entity_portal_resealed(was text, now text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT entity_portal_is_rotating() AND coalesce(
        was ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{43,64}$' AND now ~ '^[0-9a-f]{8}\.[A-Za-z0-9_-]{43,64}$'
        AND split_part(was, '.', 1) <> split_part(now, '.', 1), false)
$$;

-- JSON in which document numbers are sealed.
CREATE FUNCTION entity_portal_resealed(was jsonb, now jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT entity_portal_is_rotating()
        AND regexp_replace(was::text, '"\w*document_(number|index)": "[^"]*"(, )?', '', 'g')
            = regexp_replace(now::text, '"\w*document_(number|index)": "[^"]*"(, )?', '', 'g')
$$;
"""
REVERSE = """
DROP FUNCTION entity_portal_resealed(jsonb, jsonb);
DROP FUNCTION entity_portal_resealed(text, text);
DROP FUNCTION entity_portal_is_rotating();
"""


class Migration(migrations.Migration):
    dependencies = (("entity_portal", "0001_counter"),)

    operations = (migrations.RunSQL(SQL, REVERSE),)
