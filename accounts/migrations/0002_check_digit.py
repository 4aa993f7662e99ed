"""An entity number of ours carries its check digit (ISO/IEC 7064 MOD 11,10), as `entity_portal.text.check_digit` does."""

from django.db import migrations

SQL = """
CREATE FUNCTION accounts_check_digit_fits(number text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    product int := 10;
    total int;
BEGIN
    IF number !~ '^[0-9]{2,}$' THEN
        RETURN false;
    END IF;
    FOR place IN 1 .. length(number) - 1 LOOP
        total := (product + substr(number, place, 1)::int) % 10;
        product := (CASE total WHEN 0 THEN 10 ELSE total END) * 2 % 11;
    END LOOP;
    RETURN right(number, 1)::int = (11 - product) % 10;
END
$$;

ALTER TABLE accounts_entity ADD CONSTRAINT accounts_entity_number_has_check_digit
    CHECK (number_is_official OR accounts_check_digit_fits(number));
"""

REVERSE = """
ALTER TABLE accounts_entity DROP CONSTRAINT accounts_entity_number_has_check_digit;
DROP FUNCTION accounts_check_digit_fits(text);
"""


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0001_initial"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
