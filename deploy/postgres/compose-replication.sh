#!/bin/sh
# Lets the standby of compose.yaml in, and makes commits wait for it.
set -eu
echo "host replication replicator samenet scram-sha-256" >> "$PGDATA/pg_hba.conf"
psql -v ON_ERROR_STOP=1 -qc "ALTER SYSTEM SET synchronous_standby_names = 'standby'"
