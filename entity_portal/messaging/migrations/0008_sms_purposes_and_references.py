"""Look at what 0007 widened, and find texts by the provider's reference; both while texts go on being written.

A CREATE INDEX CONCURRENTLY that was interrupted leaves an invalid index: drop it before migrating again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = (("messaging", "0007_notifications"),)

    operations = (
        ValidateConstraint(model_name="sms", name="messaging_sms_purpose_known"),
        AddIndexConcurrently(
            "sms",
            models.Index(
                fields=["provider_reference"], condition=~Q(provider_reference=""), name="messaging_sms_by_reference"
            ),
        ),
    )
