#!/bin/sh
# Start a hot standby of the PostgreSQL at PGHOST in PGDATA; the first start copies that server.
# Arguments are options of the standby's server.
set -eu
if [ ! -e "$PGDATA/copied" ]; then
    until pg_isready --quiet; do sleep 1; done
    find "$PGDATA" -mindepth 1 -delete  # what a copy that was interrupted has left
    chmod 700 "$PGDATA"
    pg_basebackup --pgdata="$PGDATA" --write-recovery-conf --checkpoint=fast
    touch "$PGDATA/copied"
fi
exec postgres "$@"
