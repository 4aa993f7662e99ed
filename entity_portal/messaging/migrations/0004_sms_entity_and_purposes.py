"""Whose budget a text is on, and two more purposes. The release before writes neither, and may go on writing."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

PURPOSES = {
    "activation": "Activation code",
    "activated": "Notice of activation",
    "reset": "Password reset code",
    "username": "Forgotten username",
    "locked": "Notice of a locked account",
    "password": "Notice of a changed password",
    "sign_in": "Login code",
    "factor": "Notice of a changed second factor",
}


class Migration(migrations.Migration):
    dependencies = (("messaging", "0003_sms_known_values"),)

    operations = (
        migrations.AddField(
            model_name="sms",
            name="entity_number",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AlterField(
            model_name="sms",
            name="purpose",
            field=models.CharField(choices=list(PURPOSES.items()), max_length=20),
        ),
        # Wider than before, so every row fits; the next migration looks at them without locking the table.
        migrations.RemoveConstraint(model_name="sms", name="messaging_sms_purpose_known"),
        AddConstraintNotValid(
            model_name="sms",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", list(PURPOSES))), name="messaging_sms_purpose_known"
            ),
        ),
    )
