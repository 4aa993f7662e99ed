"""What people are searched by, in an index of each entity."""

from django.db import migrations, models

from entity_portal.searching import words_of


class Migration(migrations.Migration):
    dependencies = (("staff", "0014_login_rank"),)

    operations = (
        migrations.AlterField(
            "stafflogin",
            "entity",
            models.ForeignKey("accounts.entity", models.PROTECT, related_name="logins", db_index=False),
        ),
        migrations.AddField(
            "stafflogin",
            "spelled",
            models.GeneratedField(
                expression=words_of("username", "name_zh", "name_foreign"),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            "stafflogin",
            models.Index(fields=["entity"], name="staff_by_words", include=["id", "euid", "spelled", "document_number"]),
        ),
    )
