"""The link that proves an e-mail address."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0004_ending_sessions'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmailChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
                ('voided_at', models.DateTimeField(null=True)),
                ('email', models.EmailField(max_length=254)),
                ('login', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='email_changes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['digest'], name='staff_emailchange_by_digest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('used_at', None), ('voided_at', None)), fields=('login',), name='staff_emailchange_one_open_per_login'), models.CheckConstraint(condition=models.Q(('used_at', None), ('voided_at', None), _connector='OR'), name='staff_emailchange_used_or_voided_never_both'), models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='staff_emailchange_at_most_five_tries')],
            },
        ),
    ]
