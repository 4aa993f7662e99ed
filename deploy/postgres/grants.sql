-- After every `migrate`, as portal_owner: history is only added to, whatever its triggers say.
\set ON_ERROR_STOP on
REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM portal_runtime;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM portal_runtime;
