"""What lists are sorted by: a key for each name."""

from django.db import migrations

from entity_portal.collation import CHINESE, LATIN, SortKeyField


class Migration(migrations.Migration):
    dependencies = (("staff", "0010_administrator_logins"),)

    operations = (
        migrations.AddField("stafflogin", "name_zh_key", SortKeyField(of="name_zh", rules=CHINESE)),
        migrations.AddField("stafflogin", "name_foreign_key", SortKeyField(of="name_foreign", rules=LATIN)),
    )
