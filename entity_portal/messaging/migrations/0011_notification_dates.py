"""People hear of changed dates of assignments. The release before tells nobody, and may go on writing."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = [('locked', 'A staff login is locked'), ('code_failed', 'An activation code did not arrive'), ('activated', 'A staff login is activated'), ('not_activated', 'Someone has not activated after three days'), ('administrator_added', 'An administrator is added'), ('administrator_removed', 'An administrator is removed'), ('members_added', 'Someone else assigns people'), ('members_removed', 'Someone else takes people out of a service group'), ('dates', 'Someone else changes the dates of assignments'), ('ending', 'Assignments end soon'), ('service_opened', 'An e-service is opened to the entity'), ('service_closed', 'An e-service is suspended or withdrawn'), ('assigned', 'I am assigned to an e-service'), ('unassigned', 'I am taken out of a service group'), ('my_dates', 'The dates of an assignment of mine change'), ('my_ending', 'An assignment of mine ends soon'), ('my_powers', 'My powers change')]


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0010_notification_told'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notification',
            name='messaging_notification_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='notificationchoice',
            name='messaging_notificationchoice_kind_known',
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=KINDS, max_length=30),
        ),
        migrations.AlterField(
            model_name='notificationchoice',
            name='kind',
            field=models.CharField(choices=KINDS, max_length=30),
        ),
        AddConstraintNotValid(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [kind for kind, _label in KINDS])), name='messaging_notification_kind_known'),
        ),
        AddConstraintNotValid(
            model_name='notificationchoice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [kind for kind, _label in KINDS])), name='messaging_notificationchoice_kind_known'),
        ),
    ]
