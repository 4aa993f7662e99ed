"""Officers look for administrators across entities, by document."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_former_numbers'),
        ('staff', '0008_officers'),
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
    ]
