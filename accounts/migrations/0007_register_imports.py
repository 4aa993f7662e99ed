"""Imports of the register, state by state, and the tasks they leave to officers. `IMPORT_MOVES` is the same table."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

SQL = """
CREATE FUNCTION accounts_registerimport_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (CASE WHEN TG_OP = 'INSERT' THEN 'nothing' ELSE OLD.state END, NEW.state) NOT IN (
        ('nothing', 'uploaded'),
        ('uploaded', 'read'), ('uploaded', 'refused'), ('uploaded', 'failed'), ('uploaded', 'cancelled'),
        ('read', 'confirmed'), ('read', 'cancelled'),
        ('confirmed', 'done'), ('confirmed', 'read'), ('confirmed', 'failed')
    ) THEN
        RAISE EXCEPTION 'an import of the register may not come into this state'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_registerimport_moves';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER accounts_registerimport_begins BEFORE INSERT ON accounts_registerimport
    FOR EACH ROW EXECUTE FUNCTION accounts_registerimport_moves();
CREATE TRIGGER accounts_registerimport_moves BEFORE UPDATE ON accounts_registerimport
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION accounts_registerimport_moves();

CREATE FUNCTION accounts_registertask_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a task that is done stays as it is'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_registertask_done';
END
$$;

CREATE TRIGGER accounts_registertask_done BEFORE UPDATE OR DELETE ON accounts_registertask
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL) EXECUTE FUNCTION accounts_registertask_done();
"""

REVERSE = """
DROP TRIGGER accounts_registertask_done ON accounts_registertask;
DROP FUNCTION accounts_registertask_done();
DROP TRIGGER accounts_registerimport_moves ON accounts_registerimport;
DROP TRIGGER accounts_registerimport_begins ON accounts_registerimport;
DROP FUNCTION accounts_registerimport_moves();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_former_numbers'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegisterImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='File')),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('size', models.PositiveIntegerField(default=0)),
                ('content', models.BinaryField(null=True)),
                ('whole', models.BooleanField(default=False, verbose_name='The whole register')),
                ('state', models.CharField(choices=[('uploaded', 'Being read'), ('read', 'Waiting for confirmation'), ('refused', 'Refused: lines are wrong'), ('confirmed', 'Being imported'), ('done', 'Imported'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='uploaded', max_length=10, verbose_name='Status')),
                ('total', models.PositiveIntegerField(default=0)),
                ('progress', models.PositiveIntegerField(default=0)),
                ('preview', models.PositiveSmallIntegerField(default=0)),
                ('new', models.PositiveIntegerField(default=0, verbose_name='New')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='Changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='Unchanged')),
                ('gone', models.PositiveIntegerField(default=0, verbose_name='Gone')),
                ('bad', models.PositiveIntegerField(default=0, verbose_name='Wrong')),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='Uploaded')),
            ],
            options={
                'verbose_name': 'Import of the register',
                'verbose_name_plural': 'Imports of the register',
            },
        ),
        migrations.CreateModel(
            name='RegisterLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh', models.CharField(blank=True, max_length=200, verbose_name='Official name in Chinese')),
                ('name_pt', models.CharField(blank=True, max_length=200, verbose_name='Official name in Portuguese')),
                ('registration_number', models.CharField(max_length=30, verbose_name='Registration number')),
                ('kind', models.CharField(choices=[('company', 'Company'), ('association', 'Association'), ('foundation', 'Foundation'), ('other_legal_person', 'Other legal person'), ('entrepreneur', 'Commercial entrepreneur, natural person'), ('organisation', 'Organisation without legal personality'), ('building', 'Building management body'), ('authority', 'Public authority')], max_length=20, verbose_name='Kind of entity')),
                ('representative_name_zh', models.CharField(blank=True, max_length=100, verbose_name='Legal representative: name in Chinese')),
                ('representative_name_foreign', models.CharField(blank=True, max_length=100, verbose_name='Legal representative: name in a foreign language')),
                ('representative_document_type', models.CharField(choices=[('bir_permanent', 'Macao SAR Permanent Resident Identity Card'), ('bir_non_permanent', 'Macao SAR Non-permanent Resident Identity Card'), ('worker_card', "Non-resident Worker's Identification Card"), ('stay_permit', 'Special Stay Permit'), ('hk_id', 'Hong Kong Identity Card'), ('prc_id', "Resident Identity Card of the People's Republic of China"), ('exit_entry_permit', 'Exit-entry Permit for Travelling to and from Hong Kong and Macao'), ('prc_passport', "Passport of the People's Republic of China"), ('passport', 'Passport')], max_length=20, verbose_name='Legal representative: type of document')),
                ('representative_document_number', models.CharField(max_length=20, verbose_name='Legal representative: document no.')),
                ('representative_birth_date', models.DateField(null=True, verbose_name='Legal representative: date of birth')),
                ('representative_mobile', models.CharField(max_length=16, verbose_name='Legal representative: mobile phone')),
                ('line', models.PositiveIntegerField(null=True)),
                ('fate', models.CharField(blank=True, choices=[('new', 'New'), ('changed', 'Changed'), ('unchanged', 'Unchanged'), ('gone', 'Gone')], max_length=10)),
                ('was', models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RegisterMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('uploaded', 'Being read'), ('read', 'Waiting for confirmation'), ('refused', 'Refused: lines are wrong'), ('confirmed', 'Being imported'), ('done', 'Imported'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('euid', models.CharField(blank=True, max_length=12)),
                ('label', models.CharField(blank=True, max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name='RegisterProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('column', models.CharField(blank=True, max_length=50)),
                ('sentence', models.TextField()),
                ('params', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='RegisterTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('representative_changed', 'The register names another legal representative'), ('entity_gone', 'The entity is gone from the register')], max_length=30, verbose_name='What happened')),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='Since')),
                ('old', models.JSONField(default=dict)),
                ('new', models.JSONField(default=dict)),
                ('outcome', models.CharField(blank=True, choices=[('taken_over', 'Take the legal representative over from the register'), ('suspended', 'Suspend the entity account'), ('closed', 'Close the entity account'), ('nothing', 'Nothing to do')], max_length=10, verbose_name='Outcome')),
                ('note', models.TextField(blank=True)),
                ('done_at', models.DateTimeField(null=True, verbose_name='Done')),
                ('done_by', models.CharField(blank=True, max_length=12)),
                ('done_by_label', models.CharField(blank=True, max_length=150)),
            ],
            options={
                'verbose_name': 'Task from the register',
                'verbose_name_plural': 'Tasks from the register',
            },
        ),
        migrations.AlterModelOptions(
            name='registerentry',
            options={'verbose_name': 'Line of the register', 'verbose_name_plural': 'Lines of the register'},
        ),
        migrations.AddField(
            model_name='registerentry',
            name='gone_at',
            field=models.DateTimeField(null=True, verbose_name='Gone from the register'),
        ),
        migrations.AlterField(
            model_name='entity',
            name='name_pt',
            field=models.CharField(blank=True, max_length=200, verbose_name='Official name in Portuguese'),
        ),
        migrations.AlterField(
            model_name='entity',
            name='name_zh',
            field=models.CharField(blank=True, max_length=200, verbose_name='Official name in Chinese'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='imported_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='Last changed by an import'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='kind',
            field=models.CharField(choices=[('company', 'Company'), ('association', 'Association'), ('foundation', 'Foundation'), ('other_legal_person', 'Other legal person'), ('entrepreneur', 'Commercial entrepreneur, natural person'), ('organisation', 'Organisation without legal personality'), ('building', 'Building management body'), ('authority', 'Public authority')], max_length=20, verbose_name='Kind of entity'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='name_pt',
            field=models.CharField(blank=True, max_length=200, verbose_name='Official name in Portuguese'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='name_zh',
            field=models.CharField(blank=True, max_length=200, verbose_name='Official name in Chinese'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='registration_number',
            field=models.CharField(max_length=30, verbose_name='Registration number'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='representative_birth_date',
            field=models.DateField(null=True, verbose_name='Legal representative: date of birth'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='representative_document_number',
            field=models.CharField(max_length=20, verbose_name='Legal representative: document no.'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='representative_document_type',
            field=models.CharField(choices=[('bir_permanent', 'Macao SAR Permanent Resident Identity Card'), ('bir_non_permanent', 'Macao SAR Non-permanent Resident Identity Card'), ('worker_card', "Non-resident Worker's Identification Card"), ('stay_permit', 'Special Stay Permit'), ('hk_id', 'Hong Kong Identity Card'), ('prc_id', "Resident Identity Card of the People's Republic of China"), ('exit_entry_permit', 'Exit-entry Permit for Travelling to and from Hong Kong and Macao'), ('prc_passport', "Passport of the People's Republic of China"), ('passport', 'Passport')], max_length=20, verbose_name='Legal representative: type of document'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='representative_mobile',
            field=models.CharField(max_length=16, verbose_name='Legal representative: mobile phone'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='representative_name_foreign',
            field=models.CharField(blank=True, max_length=100, verbose_name='Legal representative: name in a foreign language'),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='representative_name_zh',
            field=models.CharField(blank=True, max_length=100, verbose_name='Legal representative: name in Chinese'),
        ),
        migrations.AddConstraint(
            model_name='registerentry',
            constraint=models.UniqueConstraint(fields=('registration_number',), name='accounts_registerentry_one_registration_number'),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='compared_with',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.registerimport'),
        ),
        migrations.AddField(
            model_name='registerline',
            name='register_import',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='accounts.registerimport'),
        ),
        migrations.AddField(
            model_name='registermove',
            name='register_import',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='accounts.registerimport'),
        ),
        migrations.AddField(
            model_name='registerproblem',
            name='register_import',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='accounts.registerimport'),
        ),
        migrations.AddField(
            model_name='registertask',
            name='entity',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='register_tasks', to='accounts.entity'),
        ),
        migrations.AddField(
            model_name='registertask',
            name='raised_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='accounts.registerimport'),
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['uploaded', 'read', 'refused', 'confirmed', 'done', 'failed', 'cancelled'])), name='accounts_registerimport_known'),
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.CheckConstraint(condition=models.Q(('content', None), ('state', 'uploaded'), _connector='OR'), name='accounts_registerimport_forgets_file'),
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('uploaded', 'read', 'confirmed')), models.Q(('digest', ''), _negated=True)), fields=('digest', 'whole'), name='accounts_registerimport_one_open_of_a_file'),
        ),
        migrations.AddIndex(
            model_name='registerline',
            index=models.Index(fields=['register_import', 'fate', 'line', 'id'], name='accounts_registerline_by_fate'),
        ),
        migrations.AddConstraint(
            model_name='registerline',
            constraint=models.UniqueConstraint(fields=('register_import', 'registration_number'), name='accounts_registerline_once_in_import'),
        ),
        migrations.AddIndex(
            model_name='registertask',
            index=models.Index(fields=['done_at', 'raised_at'], name='accounts_registertask_by_age'),
        ),
        migrations.AddConstraint(
            model_name='registertask',
            constraint=models.UniqueConstraint(condition=models.Q(('done_at', None)), fields=('entity', 'kind'), name='accounts_registertask_one_open_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='registertask',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['representative_changed', 'entity_gone'])), name='accounts_registertask_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='registertask',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('done_by', ''), ('outcome', '')), models.Q(('done_at__isnull', False), ('outcome__in', ['taken_over', 'suspended', 'closed', 'nothing']), models.Q(('done_by', ''), _negated=True)), _connector='OR'), name='accounts_registertask_done_by_someone'),
        ),
        migrations.AddConstraint(
            model_name='registertask',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'taken_over']), models.Q(('note', ''), _negated=True), _connector='OR'), name='accounts_registertask_says_why'),
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]
