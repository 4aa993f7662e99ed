"""A narrowed power says so itself: one whose last e-service goes reaches none. Its e-services are the entity's."""

from django.db import migrations, models

SQL = """
UPDATE services_serviceadministrator power SET narrowed = true
    WHERE EXISTS (SELECT 1 FROM services_serviceadministrator_services WHERE serviceadministrator_id = power.id);

-- What was chosen without an opening reached nothing, and reaches nothing without the line.
DELETE FROM services_serviceadministrator_services chosen USING services_serviceadministrator power
    WHERE power.id = chosen.serviceadministrator_id AND NOT EXISTS (
        SELECT 1 FROM services_opening WHERE entity_id = power.entity_id AND service_id = chosen.eservice_id);

CREATE FUNCTION services_power_service_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM services_serviceadministrator power
        JOIN services_opening opening ON opening.entity_id = power.entity_id
        WHERE power.id = NEW.serviceadministrator_id AND opening.service_id = NEW.eservice_id
    ) THEN
        RAISE EXCEPTION 'the e-service was never opened to this entity'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_power_service_opened_to_entity';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER services_power_service_belongs BEFORE INSERT OR UPDATE ON services_serviceadministrator_services
    FOR EACH ROW EXECUTE FUNCTION services_power_service_belongs();

CREATE FUNCTION services_power_present() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM staff_stafflogin WHERE id = NEW.login_id AND status = 'departed') THEN
        RAISE EXCEPTION 'the login has departed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'services_power_login_present';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER services_power_present BEFORE INSERT ON services_serviceadministrator
    FOR EACH ROW EXECUTE FUNCTION services_power_present();
"""

REVERSE = """
DROP TRIGGER services_power_present ON services_serviceadministrator;
DROP FUNCTION services_power_present();
DROP TRIGGER services_power_service_belongs ON services_serviceadministrator_services;
DROP FUNCTION services_power_service_belongs();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('services', '0003_endings'),
    ]

    operations = [
        migrations.AddField(
            model_name='serviceadministrator',
            name='narrowed',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]
