"""Officers and their roles. Only logins of the entity that keeps the portal are officers; only officers have roles."""
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SQL = """
CREATE FUNCTION staff_officer_of_authority() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM accounts_entity WHERE id = NEW.entity_id AND keeps_portal) THEN
        RAISE EXCEPTION 'only logins of the entity that keeps the portal are officers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_officer_of_authority';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER staff_officer_of_authority BEFORE INSERT OR UPDATE OF is_staff ON staff_stafflogin
    FOR EACH ROW WHEN (NEW.is_staff) EXECUTE FUNCTION staff_officer_of_authority();

CREATE FUNCTION staff_role_of_officer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM staff_stafflogin WHERE id = NEW.login_id AND is_staff) THEN
        RAISE EXCEPTION 'only officers have roles'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_role_of_officer';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER staff_role_of_officer BEFORE INSERT OR UPDATE ON staff_officerrole
    FOR EACH ROW EXECUTE FUNCTION staff_role_of_officer();
"""

REVERSE = """
DROP TRIGGER staff_role_of_officer ON staff_officerrole;
DROP FUNCTION staff_role_of_officer();
DROP TRIGGER staff_officer_of_authority ON staff_stafflogin;
DROP FUNCTION staff_officer_of_authority();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_entity_keeps_portal'),
        ('staff', '0007_session_sid'),
    ]

    operations = [
        migrations.CreateModel(
            name='OfficerRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('registrar', 'Registrar'), ('approver', 'Approver'), ('catalogue', 'Catalogue manager'), ('auditor', 'Auditor')], max_length=20)),
                ('granted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('login', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='officer_roles', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('login', 'role'), name='staff_officerrole_once'), models.CheckConstraint(condition=models.Q(('role__in', ['registrar', 'approver', 'catalogue', 'auditor'])), name='staff_officerrole_known')],
            },
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]
