-- Roles and their limits, once, as superuser: `OWNER_PASSWORD=… PORTAL_PASSWORD=… WORKER_PASSWORD=…
-- REPLICATOR_PASSWORD=… psql -f roles.sql`. Afterwards `migrate` as portal_owner, which grants.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv portal_password PORTAL_PASSWORD
\getenv worker_password WORKER_PASSWORD
\getenv replicator_password REPLICATOR_PASSWORD

CREATE ROLE portal_owner LOGIN PASSWORD :'owner_password';      -- owns the tables; `migrate` alone
CREATE ROLE portal_runtime NOLOGIN;                             -- reads and writes, owns nothing
CREATE ROLE portal LOGIN PASSWORD :'portal_password' IN ROLE portal_runtime;          -- the web processes
CREATE ROLE portal_worker LOGIN PASSWORD :'worker_password' IN ROLE portal_runtime;   -- the workers
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replicator_password';

-- A page that waits longer is lost anyhow. These hold behind a pool too, which passes no options on.
ALTER ROLE portal SET statement_timeout = '5s';
ALTER ROLE portal SET lock_timeout = '3s';
ALTER ROLE portal SET idle_in_transaction_session_timeout = '10s';
-- A worker reads whole registers.
ALTER ROLE portal_worker SET statement_timeout = '10min';
ALTER ROLE portal_worker SET lock_timeout = '5s';
-- A migration gives up before those who wait behind it notice; it is run again.
ALTER ROLE portal_owner SET lock_timeout = '2s';

CREATE DATABASE portal OWNER portal_owner;
REVOKE CONNECT ON DATABASE portal FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE portal TO portal_runtime, portal_owner;
\connect portal
ALTER SCHEMA public OWNER TO portal_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner GRANT USAGE, SELECT ON SEQUENCES TO portal_runtime;
