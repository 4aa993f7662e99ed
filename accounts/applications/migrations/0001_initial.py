"""Applications, their moves, documents and codes."""

import accounts.applications.models
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0004_entity_keeps_portal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('registration', 'Proof of registration of the entity'), ('identity', 'Identification document of the legal representative'), ('agreement', 'Agreement signed by the legal representative'), ('evidence', 'Evidence of what is to be changed'), ('other', 'Another document')], max_length=20)),
                ('name', models.CharField(max_length=120)),
                ('media_type', models.CharField(choices=[('application/pdf', 'PDF'), ('image/jpeg', 'JPEG'), ('image/png', 'PNG')], max_length=20)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(default=accounts.applications.models.new_number, editable=False, max_length=11, unique=True)),
                ('kind', models.CharField(choices=[('first', 'Application for an entity account'), ('administrators', 'Change of entity account administrator'), ('correction', 'Correction of data')], max_length=20)),
                ('channel', models.CharField(choices=[('online', 'Online'), ('counter', 'At the counter')], default='online', max_length=10)),
                ('state', models.CharField(choices=[('draft', 'Being filled in'), ('submitted', 'Submitted'), ('asked', 'More information is needed'), ('answered', 'Information received'), ('approved', 'Approved'), ('refused', 'Not approved'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                ('answers', models.JSONField(default=dict)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('registration_number', models.CharField(blank=True, max_length=30)),
                ('mobile', models.CharField(blank=True, max_length=16)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('language', models.CharField(default='zh-hant', max_length=10)),
                ('mobile_proven_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('proof', models.CharField(blank=True, choices=[('sms', 'Code sent to the phone on the register'), ('officer', 'Checked by an officer')], max_length=10)),
                ('proven_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('at_once', models.BooleanField(default=False)),
                ('claimed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='accounts.entity')),
                ('login', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ConsentCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
                ('voided_at', models.DateTimeField(null=True)),
                ('mobile', models.CharField(max_length=16)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consent_codes', to='applications.application')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DocumentContent',
            fields=[
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='content', serialize=False, to='applications.document')),
                ('content', models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name='document',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='applications.application'),
        ),
        migrations.CreateModel(
            name='Move',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('was', models.CharField(choices=[('draft', 'Being filled in'), ('submitted', 'Submitted'), ('asked', 'More information is needed'), ('answered', 'Information received'), ('approved', 'Approved'), ('refused', 'Not approved'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('now', models.CharField(choices=[('draft', 'Being filled in'), ('submitted', 'Submitted'), ('asked', 'More information is needed'), ('answered', 'Information received'), ('approved', 'Approved'), ('refused', 'Not approved'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reason', models.CharField(blank=True, choices=[('data_differ', 'The data differ from the official register.'), ('document_missing', 'A document is missing.'), ('document_unreadable', 'A document cannot be read, or is out of date.'), ('not_representative', 'The legal representative named is not the one on the register.'), ('identity_unproven', 'The identity or the consent of the legal representative is not proven.'), ('not_eligible', 'An account of this kind cannot be held, or this change cannot be made online.'), ('open_already', 'The entity has an account already.'), ('other', 'Another reason, explained below.')], max_length=30)),
                ('text', models.TextField(blank=True, max_length=2000)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='applications.application')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Power',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='powers', to='applications.application')),
                ('login', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='powers', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ReturnCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
                ('voided_at', models.DateTimeField(null=True)),
                ('mobile', models.CharField(max_length=16)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='return_codes', to='applications.application')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('state__in', ('submitted', 'answered'))), fields=['submitted_at'], name='applications_queue'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['entity', '-created_at'], name='applications_by_entity'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['decided_at'], name='applications_by_decision'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['registration_number'], name='applications_by_registration'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['first', 'administrators', 'correction'])), name='applications_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'asked', 'answered', 'approved', 'refused', 'withdrawn'])), name='applications_state_known'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['online', 'counter'])), name='applications_channel_known'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'draft'), ('submitted_at', None)), ('state', 'withdrawn'), models.Q(models.Q(('state', 'draft'), _negated=True), ('submitted_at__isnull', False)), _connector='OR'), name='applications_submitted_has_time'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('state__in', ('approved', 'refused'))), models.Q(models.Q(('state__in', ('approved', 'refused')), _negated=True), ('at_once', False), ('decided_at', None), ('decided_by', None)), _connector='OR'), name='applications_decided_has_time'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('decided_at', None), models.Q(('at_once', False), ('decided_by__isnull', False)), models.Q(('at_once', True), ('decided_by', None), ('proof__gt', ''), ('proven_at__isnull', False), ('state', 'approved')), _connector='OR'), name='applications_decided_by_an_officer_or_at_once'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('entered_by', None), models.Q(('decided_by', models.F('entered_by')), _negated=True), _connector='OR'), name='applications_never_decided_by_who_entered'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('login', None), models.Q(('decided_by', models.F('login')), _negated=True), _connector='OR'), name='applications_never_decided_by_whom_it_is_about'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'first'), models.Q(('state', 'approved'), _negated=True)), ('entity__isnull', False), _connector='OR'), name='applications_has_entity'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'correction'), _negated=True), ('login__isnull', False), _connector='OR'), name='applications_correction_has_login'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('claimed_at', None), ('claimed_by', None)), models.Q(('claimed_at__isnull', False), ('claimed_by__isnull', False)), _connector='OR'), name='applications_claimed_has_time'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proof', ''), ('proven_at', None)), models.Q(('proof__in', ['sms', 'officer']), ('proven_at__isnull', False)), _connector='OR'), name='applications_proof_has_time'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'withdrawn')), models.Q(('answers__has_keys', ['entity', 'representative', 'administrators', 'agreement']), ('kind', 'first')), models.Q(('answers__has_keys', ['representative', 'person', 'agreement']), ('kind', 'administrators')), models.Q(('answers__has_keys', ['changes', 'explanation']), ('kind', 'correction')), _connector='OR'), name='applications_submitted_is_complete'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'withdrawn')), models.Q(('kind', 'first'), _negated=True), ('channel', 'counter'), ('mobile_proven_at__isnull', False), _connector='OR'), name='applications_submitted_online_has_proven_mobile'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('mobile', ''), ('mobile__regex', '^\\+[1-9][0-9]{6,14}$'), _connector='OR'), name='applications_mobile_is_e164'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'correction'), ('state__in', ('submitted', 'answered', 'asked'))), fields=('login',), name='applications_one_open_correction'),
        ),
        migrations.AddConstraint(
            model_name='consentcode',
            constraint=models.UniqueConstraint(condition=models.Q(('used_at', None), ('voided_at', None)), fields=('application',), name='applications_consentcode_one_open_per_application'),
        ),
        migrations.AddConstraint(
            model_name='consentcode',
            constraint=models.CheckConstraint(condition=models.Q(('used_at', None), ('voided_at', None), _connector='OR'), name='applications_consentcode_used_or_voided_never_both'),
        ),
        migrations.AddConstraint(
            model_name='consentcode',
            constraint=models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='applications_consentcode_at_most_five_tries'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['registration', 'identity', 'agreement', 'evidence', 'other'])), name='applications_document_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('media_type__in', ['application/pdf', 'image/jpeg', 'image/png'])), name='applications_document_type_known'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('size__lte', 10485760)), name='applications_document_size'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('now__in', ['asked', 'refused']), _negated=True), ('reason__in', ['data_differ', 'document_missing', 'document_unreadable', 'not_representative', 'identity_unproven', 'not_eligible', 'open_already', 'other']), _connector='OR'), name='applications_move_says_why'),
        ),
        migrations.AddConstraint(
            model_name='move',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', 'other'), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='applications_move_other_is_explained'),
        ),
        migrations.AddConstraint(
            model_name='power',
            constraint=models.UniqueConstraint(fields=('application', 'login'), name='applications_power_once'),
        ),
        migrations.AddConstraint(
            model_name='returncode',
            constraint=models.UniqueConstraint(condition=models.Q(('used_at', None), ('voided_at', None)), fields=('application',), name='applications_returncode_one_open_per_application'),
        ),
        migrations.AddConstraint(
            model_name='returncode',
            constraint=models.CheckConstraint(condition=models.Q(('used_at', None), ('voided_at', None), _connector='OR'), name='applications_returncode_used_or_voided_never_both'),
        ),
        migrations.AddConstraint(
            model_name='returncode',
            constraint=models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='applications_returncode_at_most_five_tries'),
        ),
    ]
