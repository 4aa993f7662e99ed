"""What was added without a look at the rows there are, with a look: readers and writers go on meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0013_applications'),
    ]

    operations = [
        ValidateConstraint(model_name="notification", name="messaging_notification_kind_known"),
        ValidateConstraint(model_name="notificationchoice", name="messaging_notificationchoice_kind_known"),
        ValidateConstraint(model_name="sms", name="messaging_sms_purpose_known"),
    ]
