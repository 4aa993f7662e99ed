"""The inbox, and texts that are notifications. The release before writes none of them, and may go on writing."""

import django.utils.timezone
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = [('locked', 'A staff login is locked'), ('code_failed', 'An activation code did not arrive'), ('activated', 'A staff login is activated'), ('not_activated', 'Someone has not activated after three days'), ('administrator_added', 'An administrator is added'), ('administrator_removed', 'An administrator is removed'), ('members_added', 'Someone else assigns people'), ('members_removed', 'Someone else takes people out of a service group'), ('ending', 'Assignments end soon'), ('service_opened', 'An e-service is opened to the entity'), ('service_closed', 'An e-service is suspended or withdrawn'), ('assigned', 'I am assigned to an e-service'), ('unassigned', 'I am taken out of a service group'), ('my_ending', 'An assignment of mine ends soon'), ('my_powers', 'My powers change')]
PURPOSES = [('activation', 'Activation code'), ('activated', 'Notice of activation'), ('reset', 'Password reset code'), ('username', 'Forgotten username'), ('locked', 'Notice of a locked account'), ('password', 'Notice of a changed password'), ('sign_in', 'Login code'), ('factor', 'Notice of a changed second factor'), ('notice', 'Notification')]


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0006_sms_attempts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.CharField(max_length=12)),
                ('entity_number', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=KINDS, max_length=30)),
                ('group_key', models.CharField(blank=True, max_length=100)),
                ('about', models.CharField(blank=True, max_length=100)),
                ('day', models.DateField()),
                ('count', models.PositiveIntegerField(default=1)),
                ('data', models.JSONField(default=dict)),
                ('in_digest', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='NotificationChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.CharField(max_length=12)),
                ('kind', models.CharField(choices=KINDS, max_length=30)),
                ('email', models.CharField(choices=[('no', 'Never'), ('now', 'At once'), ('daily', 'In a daily summary')], max_length=10)),
                ('sms', models.BooleanField(default=False)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='sms',
            name='messaging_sms_purpose_known',
        ),
        migrations.AlterField(
            model_name='sms',
            name='purpose',
            field=models.CharField(choices=PURPOSES, max_length=20),
        ),
        AddConstraintNotValid(
            model_name='sms',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', [purpose for purpose, _label in PURPOSES])), name='messaging_sms_purpose_known'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['recipient', 'updated_at'], name='messaging_notification_inbox'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('in_digest', True)), fields=['recipient'], name='messaging_notification_digest'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(condition=models.Q(('read_at', None)), fields=('recipient', 'kind', 'group_key', 'day'), name='messaging_notification_one_unread_line'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [kind for kind, _label in KINDS])), name='messaging_notification_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('count__gte', 1)), name='messaging_notification_counts_something'),
        ),
        migrations.AddConstraint(
            model_name='notificationchoice',
            constraint=models.UniqueConstraint(fields=('recipient', 'kind'), name='messaging_notificationchoice_unique'),
        ),
        migrations.AddConstraint(
            model_name='notificationchoice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [kind for kind, _label in KINDS])), name='messaging_notificationchoice_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='notificationchoice',
            constraint=models.CheckConstraint(condition=models.Q(('email__in', ['no', 'now', 'daily'])), name='messaging_notificationchoice_email_known'),
        ),
    ]
