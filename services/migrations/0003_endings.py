"""Of which ends of assignments somebody was told."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_entity_second_factor'),
        ('services', '0002_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='assignment',
            name='end_told_for',
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('ended_at', None), ('valid_until__isnull', False)), fields=['valid_until'], name='services_assignment_ending'),
        ),
    ]
