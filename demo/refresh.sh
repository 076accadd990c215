# Sourced by demo/load and demo/history: two sessions share the queue of what is to be rated.
set -euo pipefail

# Of tables that were filled at once the planner must know before anybody reads them.
analyse() {
    psql -X -q -v ON_ERROR_STOP=1 -c 'SET client_min_messages = error' -c 'ANALYZE'
}

# refresh: CALL stp.refresh() in two sessions at once; one of them tells how far it is.
refresh() {
    local second
    analyse
    psql -X -q -v ON_ERROR_STOP=1 -c 'SET client_min_messages = warning' -c 'CALL stp.refresh()' &
    second=$!
    psql -X -q -v ON_ERROR_STOP=1 -c 'CALL stp.refresh()' 2>&1 | sed 's/^NOTICE: *//'
    wait "$second"
    analyse
}
