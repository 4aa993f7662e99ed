"""Whether a line of the inbox was e-mailed and texted, so that a job that runs again does neither."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0009_sms_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='notification',
            name='told_at',
            field=models.DateTimeField(null=True),
        ),
    ]
