"""News of applications. The release before knows neither, and may go on writing."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0012_notification_dates_valid'),
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
        migrations.RemoveConstraint(
            model_name='sms',
            name='messaging_sms_purpose_known',
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('locked', 'A staff login is locked'), ('code_failed', 'An activation code did not arrive'), ('activated', 'A staff login is activated'), ('not_activated', 'Someone has not activated after three days'), ('administrator_added', 'An administrator is added'), ('administrator_removed', 'An administrator is removed'), ('members_added', 'Someone else assigns people'), ('members_removed', 'Someone else takes people out of a service group'), ('dates', 'Someone else changes the dates of assignments'), ('ending', 'Assignments end soon'), ('service_opened', 'An e-service is opened to the entity'), ('service_closed', 'An e-service is suspended or withdrawn'), ('assigned', 'I am assigned to an e-service'), ('unassigned', 'I am taken out of a service group'), ('my_dates', 'The dates of an assignment of mine change'), ('my_ending', 'An assignment of mine ends soon'), ('my_powers', 'My powers change'), ('application_moved', 'An application moves on')], max_length=30),
        ),
        migrations.AlterField(
            model_name='notificationchoice',
            name='kind',
            field=models.CharField(choices=[('locked', 'A staff login is locked'), ('code_failed', 'An activation code did not arrive'), ('activated', 'A staff login is activated'), ('not_activated', 'Someone has not activated after three days'), ('administrator_added', 'An administrator is added'), ('administrator_removed', 'An administrator is removed'), ('members_added', 'Someone else assigns people'), ('members_removed', 'Someone else takes people out of a service group'), ('dates', 'Someone else changes the dates of assignments'), ('ending', 'Assignments end soon'), ('service_opened', 'An e-service is opened to the entity'), ('service_closed', 'An e-service is suspended or withdrawn'), ('assigned', 'I am assigned to an e-service'), ('unassigned', 'I am taken out of a service group'), ('my_dates', 'The dates of an assignment of mine change'), ('my_ending', 'An assignment of mine ends soon'), ('my_powers', 'My powers change'), ('application_moved', 'An application moves on')], max_length=30),
        ),
        migrations.AlterField(
            model_name='sms',
            name='purpose',
            field=models.CharField(choices=[('activation', 'Activation code'), ('activated', 'Notice of activation'), ('reset', 'Password reset code'), ('username', 'Forgotten username'), ('locked', 'Notice of a locked account'), ('password', 'Notice of a changed password'), ('sign_in', 'Login code'), ('factor', 'Notice of a changed second factor'), ('notice', 'Notification'), ('application', 'News of an application'), ('confirmation', 'Code of an application')], max_length=20, verbose_name='Purpose'),
        ),
        AddConstraintNotValid(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['locked', 'code_failed', 'activated', 'not_activated', 'administrator_added', 'administrator_removed', 'members_added', 'members_removed', 'dates', 'ending', 'service_opened', 'service_closed', 'assigned', 'unassigned', 'my_dates', 'my_ending', 'my_powers', 'application_moved'])), name='messaging_notification_kind_known'),
        ),
        AddConstraintNotValid(
            model_name='notificationchoice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['locked', 'code_failed', 'activated', 'not_activated', 'administrator_added', 'administrator_removed', 'members_added', 'members_removed', 'dates', 'ending', 'service_opened', 'service_closed', 'assigned', 'unassigned', 'my_dates', 'my_ending', 'my_powers', 'application_moved'])), name='messaging_notificationchoice_kind_known'),
        ),
        AddConstraintNotValid(
            model_name='sms',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['activation', 'activated', 'reset', 'username', 'locked', 'password', 'sign_in', 'factor', 'notice', 'application', 'confirmation'])), name='messaging_sms_purpose_known'),
        ),
    ]
