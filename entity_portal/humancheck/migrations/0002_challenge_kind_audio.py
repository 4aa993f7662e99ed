"""A third kind of question: spoken digits. The column is as it was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("humancheck", "0001_initial"),)

    operations = (
        migrations.AlterField(
            "challenge",
            "kind",
            models.CharField(choices=[("picture", "Picture"), ("audio", "Audio"), ("sum", "Sum")], max_length=10),
        ),
    )
