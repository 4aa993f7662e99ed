"""What the fields of a text are called in its log."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0008_sms_purposes_and_references'),
    ]

    operations = [
        migrations.AlterField(
            model_name='sms',
            name='attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='Attempts'),
        ),
        migrations.AlterField(
            model_name='sms',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='Queued'),
        ),
        migrations.AlterField(
            model_name='sms',
            name='entity_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='Entity number'),
        ),
        migrations.AlterField(
            model_name='sms',
            name='provider_reference',
            field=models.CharField(blank=True, max_length=64, verbose_name='Reference of the provider'),
        ),
        migrations.AlterField(
            model_name='sms',
            name='purpose',
            field=models.CharField(choices=[('activation', 'Activation code'), ('activated', 'Notice of activation'), ('reset', 'Password reset code'), ('username', 'Forgotten username'), ('locked', 'Notice of a locked account'), ('password', 'Notice of a changed password'), ('sign_in', 'Login code'), ('factor', 'Notice of a changed second factor'), ('notice', 'Notification')], max_length=20, verbose_name='Purpose'),
        ),
        migrations.AlterField(
            model_name='sms',
            name='status',
            field=models.CharField(choices=[('queued', 'Waiting to be sent'), ('sending', 'Being sent'), ('sent', 'Sent'), ('delivered', 'Delivered'), ('failed', 'Not delivered'), ('unknown', 'Not known whether it was sent')], default='queued', max_length=10, verbose_name='Status'),
        ),
    ]
