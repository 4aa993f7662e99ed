"""The lines of an entity are counted in the index alone: what is not shown to it is told by the act."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("audit", "0009_lists_downloaded"),)

    operations = (
        migrations.RemoveIndex("event", "audit_event_by_time"),
        migrations.AddIndex(
            "event",
            models.Index(fields=["entity_number", "-at", "-id"], name="audit_event_by_time", include=["action"]),
        ),
    )
