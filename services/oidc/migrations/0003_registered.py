"""What officers decide about clients, and what can not be decided again once people have signed in."""

from django.db import migrations, models

SQL = """
-- `sub` is made of the kind and, for pairwise, the e-service: another one would give everybody another identity.
CREATE FUNCTION oidc_client_signed_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE oidc_client SET first_sign_in_at = now() WHERE id = NEW.client_id AND first_sign_in_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER oidc_client_signed_in AFTER INSERT ON oidc_signin
    FOR EACH ROW EXECUTE FUNCTION oidc_client_signed_in();

CREATE FUNCTION oidc_client_keeps_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.service_id <> NEW.service_id OR OLD.first_sign_in_at IS NOT NULL AND OLD.subject_type <> NEW.subject_type
    THEN
        RAISE EXCEPTION 'a client keeps its e-service, and once people have signed in its kind of sub'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oidc_client_keeps_subjects';
    END IF;
    NEW.first_sign_in_at := coalesce(OLD.first_sign_in_at, NEW.first_sign_in_at);  -- whoever saves a row read before
    RETURN NEW;
END
$$;

CREATE TRIGGER oidc_client_keeps_subjects BEFORE UPDATE ON oidc_client
    FOR EACH ROW EXECUTE FUNCTION oidc_client_keeps_subjects();

UPDATE oidc_client SET first_sign_in_at = now() WHERE id IN (SELECT client_id FROM oidc_signin);
"""

REVERSE = """
DROP TRIGGER oidc_client_keeps_subjects ON oidc_client;
DROP FUNCTION oidc_client_keeps_subjects();
DROP TRIGGER oidc_client_signed_in ON oidc_signin;
DROP FUNCTION oidc_client_signed_in();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('oidc', '0002_rules'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='client',
            options={'verbose_name': 'program of an e-service', 'verbose_name_plural': 'programs of e-services'},
        ),
        migrations.AddField(
            model_name='client',
            name='first_sign_in_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='client',
            name='authentication',
            field=models.CharField(choices=[('secret', 'secret (client_secret_basic, client_secret_post)'), ('key', 'key of its own (private_key_jwt)'), ('none', 'nothing: a public client, by PKCE alone')], default='secret', max_length=6),
        ),
        migrations.AlterField(
            model_name='client',
            name='subject_type',
            field=models.CharField(choices=[('public', 'public: the EUID'), ('pairwise', 'pairwise: another value at each e-service, and no EUID')], default='public', max_length=8),
        ),
        migrations.AlterField(
            model_name='client',
            name='backchannel_logout_uri',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('client_secret', ''), ('authentication', 'secret'), _connector='OR'), name='oidc_client_secret_only_where_asked'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('redirect_uris__regex', '^\\s*(https?://[^\\s#*@/?\\\\]+([/?][^\\s#*\\\\]*)?(\\s+|$))*$'), ('post_logout_redirect_uris__regex', '^\\s*(https?://[^\\s#*@/?\\\\]+([/?][^\\s#*\\\\]*)?(\\s+|$))*$')), name='oidc_client_addresses_whole'),
        ),
        migrations.RunSQL(SQL, REVERSE),
    ]
