"""Indexes for what `messaging.budget` counts, made while texts go on being written.

A CREATE INDEX CONCURRENTLY that was interrupted leaves an invalid index: drop it before migrating again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = (("messaging", "0004_sms_entity_and_purposes"),)

    operations = (
        ValidateConstraint(model_name="sms", name="messaging_sms_purpose_known"),
        AddIndexConcurrently("sms", models.Index(fields=["to", "created_at"], name="messaging_sms_by_number")),
        AddIndexConcurrently("sms", models.Index(fields=["entity_number", "created_at"], name="messaging_sms_by_entity")),
        AddIndexConcurrently("sms", models.Index(fields=["created_at"], name="messaging_sms_by_time")),
    )
