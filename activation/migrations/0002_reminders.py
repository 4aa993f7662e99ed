"""Whether the administrators were reminded of a code that nobody uses."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('activation', '0001_initial'),
        ('messaging', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='activationcode',
            name='reminded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='activationcode',
            index=models.Index(condition=models.Q(('reminded_at', None), ('used_at', None), ('voided_at', None)), fields=['created_at'], name='activation_code_waiting'),
        ),
    ]
