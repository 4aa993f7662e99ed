"""A sign-in at an e-service ends with the session of the portal it came from, whoever ends that; and its client hears."""

from django.db import migrations

SQL = """
-- Deleted before its time: signed out, or ended by somebody. A row that has expired ends nothing: who works in an
-- e-service for an hour does not use the portal meanwhile.
CREATE FUNCTION oidc_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE oidc_signin SET ended_at = now() WHERE session = OLD.sid AND ended_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER oidc_session_ended AFTER DELETE ON staff_session FOR EACH ROW
    WHEN (OLD.sid IS NOT NULL AND OLD.expire_date > now()) EXECUTE FUNCTION oidc_session_ended();

-- What ends all sessions of a login also ends sign-ins whose session of the portal has expired meanwhile. A new password
-- leaves one session alive, and what came from it.
CREATE FUNCTION oidc_login_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE oidc_signin SET ended_at = now()
        WHERE login_id = NEW.id AND ended_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM staff_session WHERE sid = oidc_signin.session AND expire_date > now());
    RETURN NULL;
END
$$;

CREATE TRIGGER oidc_login_ended AFTER UPDATE ON staff_stafflogin FOR EACH ROW
    WHEN (
        OLD.status IS DISTINCT FROM NEW.status AND NEW.status = 'departed'
        OR OLD.password_set_at IS DISTINCT FROM NEW.password_set_at
        OR OLD.new_password_demanded_at IS DISTINCT FROM NEW.new_password_demanded_at
            AND NEW.new_password_demanded_at IS NOT NULL
    ) EXECUTE FUNCTION oidc_login_ended();

CREATE FUNCTION oidc_entity_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE oidc_signin SET ended_at = now()
        FROM staff_stafflogin WHERE staff_stafflogin.id = login_id AND entity_id = NEW.id AND ended_at IS NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER oidc_entity_ended AFTER UPDATE OF status ON accounts_entity FOR EACH ROW
    WHEN (OLD.status = 'active' AND NEW.status <> 'active') EXECUTE FUNCTION oidc_entity_ended();

-- An ended sign-in stays ended, and its client is told by a job.
CREATE FUNCTION oidc_signin_stays_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION 'an ended sign-in stays ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oidc_signin_stays_ended';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER oidc_signin_stays_ended BEFORE UPDATE ON oidc_signin FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION oidc_signin_stays_ended();

CREATE FUNCTION oidc_signin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM oidc_client WHERE id = NEW.client_id AND backchannel_logout_uri <> '') THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            'logout', 'oidc.tell', 0, NULL, NULL, jsonb_build_object('sign_in', NEW.id), NULL
        )::procrastinate_job_to_defer_v1]);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER oidc_signin_told AFTER UPDATE OF ended_at ON oidc_signin FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NEW.told_at IS NULL)
    EXECUTE FUNCTION oidc_signin_told();

-- A login signs in to clients as itself: of an active entity, active; a code belongs to the sign-in's client and login.
CREATE FUNCTION oidc_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sign_in_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM oidc_signin
        WHERE id = NEW.sign_in_id AND client_id = NEW.application_id AND login_id = NEW.user_id
    ) THEN
        RAISE EXCEPTION 'not of this client and login'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oidc_of_its_sign_in';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER oidc_belongs BEFORE INSERT OR UPDATE OF sign_in_id, application_id, user_id ON oidc_code
    FOR EACH ROW EXECUTE FUNCTION oidc_belongs();
CREATE TRIGGER oidc_belongs BEFORE INSERT OR UPDATE OF sign_in_id, application_id, user_id ON oidc_accesstoken
    FOR EACH ROW EXECUTE FUNCTION oidc_belongs();
CREATE TRIGGER oidc_belongs BEFORE INSERT OR UPDATE OF sign_in_id, application_id, user_id ON oidc_refreshtoken
    FOR EACH ROW EXECUTE FUNCTION oidc_belongs();

-- A used code stays used: the first use is the only one.
CREATE FUNCTION oidc_code_stays_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a used code stays as it was'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'oidc_code_stays_used';
END
$$;

CREATE TRIGGER oidc_code_stays_used BEFORE UPDATE ON oidc_code FOR EACH ROW
    WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION oidc_code_stays_used();
"""

REVERSE = """
DROP TRIGGER oidc_code_stays_used ON oidc_code;
DROP FUNCTION oidc_code_stays_used();
DROP TRIGGER oidc_belongs ON oidc_refreshtoken;
DROP TRIGGER oidc_belongs ON oidc_accesstoken;
DROP TRIGGER oidc_belongs ON oidc_code;
DROP FUNCTION oidc_belongs();
DROP TRIGGER oidc_signin_told ON oidc_signin;
DROP FUNCTION oidc_signin_told();
DROP TRIGGER oidc_signin_stays_ended ON oidc_signin;
DROP FUNCTION oidc_signin_stays_ended();
DROP TRIGGER oidc_entity_ended ON accounts_entity;
DROP FUNCTION oidc_entity_ended();
DROP TRIGGER oidc_login_ended ON staff_stafflogin;
DROP FUNCTION oidc_login_ended();
DROP TRIGGER oidc_session_ended ON staff_session;
DROP FUNCTION oidc_session_ended();
"""


class Migration(migrations.Migration):
    dependencies = (
        ("oidc", "0001_initial"),
        ("staff", "0007_session_sid"),
        ("procrastinate", "0041_post_retry_failed_job"),
    )

    operations = (migrations.RunSQL(SQL, REVERSE),)
