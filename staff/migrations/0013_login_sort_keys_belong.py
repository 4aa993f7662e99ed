"""A key belongs to its name: it ends with a digest of it, so whoever writes a name alone is refused."""

from django.db import migrations, models

# `collation.sort_key` makes them: 8 bytes of a digest at the end.
SQL = """
ALTER TABLE staff_stafflogin ADD CONSTRAINT staff_sort_keys_belong CHECK (
    substr(name_zh_key, greatest(length(name_zh_key) - 7, 1)) = substr(sha256(convert_to(name_zh, 'UTF8')), 1, 8)
    AND substr(name_foreign_key, greatest(length(name_foreign_key) - 7, 1))
        = substr(sha256(convert_to(name_foreign, 'UTF8')), 1, 8)
);
"""
REVERSE = "ALTER TABLE staff_stafflogin DROP CONSTRAINT staff_sort_keys_belong;"


class Migration(migrations.Migration):
    dependencies = (("staff", "0012_login_sort_keys_made"),)

    operations = (
        migrations.RunSQL(SQL, REVERSE),
        migrations.AddIndex(
            "stafflogin", models.Index(fields=["entity", "name_foreign_key", "euid"], name="staff_by_foreign_name")
        ),
        migrations.AddIndex(
            "stafflogin",
            models.Index(
                fields=["entity", "name_zh_key", "name_foreign_key", "euid"], name="staff_by_chinese_name"
            ),
        ),
    )
