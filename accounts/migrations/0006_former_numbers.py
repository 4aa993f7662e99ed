"""The numbers an entity had before. Names of fields and tables for officers' pages."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import accounts.models

SQL = """
-- After the row: whoever takes a number that is being given up has waited for that in the unique index, and sees it here.
CREATE FUNCTION accounts_keep_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_formernumber WHERE number = NEW.number AND entity_id <> NEW.id) THEN
        RAISE EXCEPTION 'an entity number is never given to another entity'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'accounts_entity_number_was_another_ones';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.number <> OLD.number THEN
        INSERT INTO accounts_formernumber (entity_id, number) VALUES (OLD.id, OLD.number) ON CONFLICT (number) DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER accounts_keep_numbers AFTER INSERT OR UPDATE OF number ON accounts_entity
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_numbers();
"""

REVERSE = """
DROP TRIGGER accounts_keep_numbers ON accounts_entity;
DROP FUNCTION accounts_keep_numbers();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_entity_closed_is_final'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='entity',
            options={'verbose_name': 'entity', 'verbose_name_plural': 'Entities'},
        ),
        migrations.AlterField(
            model_name='entity',
            name='kind',
            field=models.CharField(choices=[('company', 'Company'), ('association', 'Association'), ('foundation', 'Foundation'), ('other_legal_person', 'Other legal person'), ('entrepreneur', 'Commercial entrepreneur, natural person'), ('organisation', 'Organisation without legal personality'), ('building', 'Building management body'), ('authority', 'Public authority')], max_length=20, verbose_name='Kind of entity'),
        ),
        migrations.AlterField(
            model_name='entity',
            name='number',
            field=models.CharField(default=accounts.models.new_entity_number, max_length=20, unique=True, verbose_name='Entity number'),
        ),
        migrations.AlterField(
            model_name='entity',
            name='registration_number',
            field=models.CharField(max_length=30, null=True, unique=True, verbose_name='Registration number'),
        ),
        migrations.AlterField(
            model_name='entity',
            name='status',
            field=models.CharField(choices=[('active', 'Active'), ('suspended', 'Suspended'), ('closed', 'Closed')], default='active', max_length=10, verbose_name='Status'),
        ),
        migrations.CreateModel(
            name='FormerNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('replaced_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('entity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='former_numbers', to='accounts.entity')),
            ],
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]
