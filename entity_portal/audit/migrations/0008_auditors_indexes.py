"""Auditors look for lines across entities: by time, by what happened, by whom and about whom."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0007_applications_and_officers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['-at', '-id'], name='audit_event_newest'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['action', '-at', '-id'], name='audit_event_by_action'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('actor', ''), _negated=True), fields=['actor', '-at', '-id'], name='audit_event_by_actor'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('target', ''), _negated=True), fields=['target', '-at', '-id'], name='audit_event_of_target'),
        ),
    ]
