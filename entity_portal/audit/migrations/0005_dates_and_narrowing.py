"""Dates of an assignment, and the e-services of a service administrator, were changed."""

from django.db import migrations, models

# A chain is continued at its end, found by its index. Of a table without statistics the plan of a session's first line
# would read every line for each of many lines written at once.
PLAN = "ALTER FUNCTION audit_chain() SET enable_sort = off"


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_email_link_sent'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='action',
            field=models.CharField(choices=[('entity.opened', 'Entity account opened'), ('register.imported', 'Register imported'), ('login.created', 'Staff login created'), ('login.changed', 'Data changed'), ('login.email_link_sent', 'Link sent to confirm an e-mail address'), ('login.activated', 'Staff login activated'), ('login.departed', 'Marked as left (no longer employed)'), ('login.administrator_removed', 'Administrator power removed'), ('login.data_revealed', 'Masked data shown in full'), ('login.list_exported', 'Staff list downloaded'), ('terms.accepted', 'Terms accepted in a new version'), ('code.sent', 'Activation code sent by SMS'), ('code.refused', 'Activation refused: the data did not match'), ('door.signed_in', 'Logged in'), ('door.refused', 'Login refused'), ('door.locked', 'Locked after five wrong passwords'), ('door.password_changed', 'Password changed'), ('door.reset_code_sent', 'Password reset code sent by SMS'), ('door.reset_code.refused', 'Password reset code refused'), ('door.text_withheld', 'SMS not sent: too many'), ('door.password_reset', 'Password reset'), ('door.new_password_demanded', 'A new password was demanded'), ('door.code_sent', 'Login code sent by SMS'), ('door.factor_set_up', 'Authenticator app set up'), ('door.factor_removed', 'Authenticator app turned off'), ('door.recovery_renewed', 'New recovery codes made'), ('door.recovery_used', 'A recovery code was used'), ('door.sessions_ended', 'Sessions ended'), ('entity.second_factor', 'Code at login: rule changed'), ('door.username_reminded', 'Username sent by SMS'), ('service.opened', 'E-service opened to the entity'), ('service.opening_changed', 'Opening of an e-service changed'), ('service.assigned', 'Added to a service group'), ('service.unassigned', 'Removed from a service group'), ('service.dates_changed', 'Dates of an assignment changed'), ('service.administrator_granted', 'Made a service administrator'), ('service.administrator_narrowed', 'E-services of a service administrator changed'), ('service.administrator_removed', 'Service administrator power removed')], max_length=60),
        ),
        migrations.RunSQL(PLAN, "ALTER FUNCTION audit_chain() RESET enable_sort"),
    ]
