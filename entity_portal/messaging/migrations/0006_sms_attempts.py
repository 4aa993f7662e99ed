"""How often a text was claimed; our reference of what the demonstration phone received."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("messaging", "0005_sms_counted"),)

    operations = (
        migrations.AddField("sms", "attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
        migrations.AddField("phonetext", "sms_id", models.UUIDField(null=True, unique=True)),
        migrations.AddConstraint(
            "sms",
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(claimed_at__isnull=False), name="messaging_sms_claimed_has_time"
            ),
        ),
    )
