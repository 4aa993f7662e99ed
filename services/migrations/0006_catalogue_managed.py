"""Who looks after which department; what the worker does for officers; groups that close into others."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('services', '0005_platform_managed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CatalogueManager',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Errand',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('open', 'Open the e-service to many entities'), ('merge', 'Merge a service group into another'), ('tell', 'Tell entities what was withdrawn or reopened')], max_length=10)),
                ('told', models.JSONField(default=dict)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('reached', models.BigIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'job of the worker',
                'verbose_name_plural': 'jobs of the worker',
            },
        ),
        migrations.AlterModelOptions(
            name='department',
            options={'verbose_name': 'department', 'verbose_name_plural': 'departments'},
        ),
        migrations.AlterModelOptions(
            name='eservice',
            options={'verbose_name': 'e-service', 'verbose_name_plural': 'e-services'},
        ),
        migrations.AlterModelOptions(
            name='opening',
            options={'verbose_name': 'opening of an e-service', 'verbose_name_plural': 'openings of e-services'},
        ),
        migrations.AlterModelOptions(
            name='servicegroup',
            options={'verbose_name': 'service group', 'verbose_name_plural': 'service groups'},
        ),
        migrations.AddField(
            model_name='servicegroup',
            name='merged_into',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='services.servicegroup'),
        ),
        migrations.AlterField(
            model_name='opening',
            name='status',
            field=models.CharField(choices=[('open', 'Open'), ('suspended', 'Suspended'), ('withdrawn', 'Withdrawn')], default='open', max_length=10, verbose_name='Status'),
        ),
        migrations.AddConstraint(
            model_name='department',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name_zh', ''), _negated=True), models.Q(('name_pt', ''), _negated=True), models.Q(('name_en', ''), _negated=True)), name='services_department_named_in_three_languages'),
        ),
        migrations.AddConstraint(
            model_name='eservice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name_zh', ''), _negated=True), models.Q(('name_pt', ''), _negated=True), models.Q(('name_en', ''), _negated=True)), name='services_eservice_named_in_three_languages'),
        ),
        migrations.AddConstraint(
            model_name='eservice',
            constraint=models.CheckConstraint(condition=models.Q(('url', ''), ('url__startswith', 'https://'), ('url__startswith', '/'), _connector='OR'), name='services_eservice_url_is_https'),
        ),
        migrations.AddConstraint(
            model_name='servicegroup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name_zh', ''), _negated=True), models.Q(('name_pt', ''), _negated=True), models.Q(('name_en', ''), _negated=True)), name='services_servicegroup_named_in_three_languages'),
        ),
        migrations.AddConstraint(
            model_name='servicegroup',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='services_servicegroup_not_into_itself'),
        ),
        migrations.AddField(
            model_name='cataloguemanager',
            name='department',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='managers', to='services.department'),
        ),
        migrations.AddField(
            model_name='cataloguemanager',
            name='login',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='catalogues_managed', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='errand',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='errand',
            name='group',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='errands', to='services.servicegroup'),
        ),
        migrations.AddField(
            model_name='errand',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errands', to='services.eservice'),
        ),
        migrations.AddConstraint(
            model_name='cataloguemanager',
            constraint=models.UniqueConstraint(fields=('login', 'department'), name='services_cataloguemanager_once'),
        ),
        migrations.AddIndex(
            model_name='errand',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['created_at'], name='services_errand_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='errand',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['open', 'merge', 'tell'])), name='services_errand_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='errand',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at', None), ('confirmed_at__isnull', False), _connector='OR'), name='services_errand_confirmed_first'),
        ),
    ]
