"""A proof keeps the name of whoever gave it; one open application for a login that is to become an administrator."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("applications", "0002_rules"),)

    operations = (
        migrations.RemoveConstraint(model_name="application", name="applications_proof_has_time"),
        migrations.AlterField(
            model_name="application", name="proof", field=models.CharField(blank=True, max_length=20)
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=Q(proof="", proven_at=None) | ~Q(proof="") & Q(proven_at__isnull=False),
                name="applications_proof_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=Q(kind="administrators", state__in=("submitted", "answered", "asked")),
                fields=["login"],
                name="applications_one_open_for_an_administrator",
            ),
        ),
    )
