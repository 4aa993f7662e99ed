"""Officers look for administrators across entities, by document. Names of fields for their pages."""

from django.db import migrations, models

import staff.models.login


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_former_numbers'),
        ('staff', '0009_by_application'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdministratorLogin',
            fields=[
            ],
            options={
                'verbose_name': 'administrator login',
                'verbose_name_plural': 'Administrator logins',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('staff.stafflogin',),
        ),
        migrations.AddIndex(
            model_name='stafflogin',
            index=models.Index(condition=models.Q(('is_administrator', True)), fields=['document_number'], name='staff_administrator_document'),
        ),
        migrations.AlterField(
            model_name='stafflogin',
            name='euid',
            field=models.CharField(default=staff.models.login.new_euid, editable=False, max_length=12, unique=True, verbose_name='EUID'),
        ),
        migrations.AlterField(
            model_name='stafflogin',
            name='status',
            field=models.CharField(choices=[('pending', 'Not activated'), ('active', 'Active'), ('departed', 'Left (no longer employed)')], default='pending', max_length=10, verbose_name='Status'),
        ),
        migrations.AlterField(
            model_name='stafflogin',
            name='username',
            field=models.CharField(max_length=30, null=True, verbose_name='Username'),
        ),
    ]
