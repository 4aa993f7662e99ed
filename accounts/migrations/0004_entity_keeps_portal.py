"""One entity keeps the portal: the authority, whose logins can be officers."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_entity_second_factor'),
    ]

    operations = [
        migrations.AddField(
            model_name='entity',
            name='keeps_portal',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name='entity',
            constraint=models.CheckConstraint(condition=models.Q(('keeps_portal', False), ('kind', 'authority'), _connector='OR'), name='accounts_entity_keeps_portal_is_authority'),
        ),
        migrations.AddConstraint(
            model_name='entity',
            constraint=models.UniqueConstraint(condition=models.Q(('keeps_portal', True)), fields=('keeps_portal',), name='accounts_entity_one_keeps_portal'),
        ),
    ]
