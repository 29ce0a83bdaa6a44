#!/usr/bin/env bash
# PostgreSQL for development and tests: role, password and database of DATABASE_URL.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=postgres
PACKAGES=(psql:postgresql)
STOP_SIGNAL=INT   # "fast": end the sessions instead of waiting for them
at DATABASE_URL

# fsync is off because everything here can be made again and tests gain a lot from
# it; a crash of the machine may cost the data. SERVICES_DURABLE=1 turns it on.
DURABLE=$([[ ${SERVICES_DURABLE:-0} == 1 ]] && echo on || echo off)

role=$(url_part "$DATABASE_URL" user)
password=$(url_part "$DATABASE_URL" password)
database=$(url_part "$DATABASE_URL" path)

sql() { # sql DATABASE STATEMENT, as the application's role
  PGPASSWORD=$password PGCONNECT_TIMEOUT=3 psql -XqAtw -v ON_ERROR_STOP=1 \
    -h "$HOST" -p "$LISTEN" -U "$role" -d "$1" -c "$2"
}

quoted() { printf "%s" "${1//\'/\'\'}"; }

is_healthy() {
  command -v psql >/dev/null && [[ $(sql postgres "select 1" 2>/dev/null) == 1 ]]
}

# PostgreSQL refuses to run as root, and its own user may not be able to walk the
# path of the checkout: then the data lies elsewhere, with a link to it from here.
as_server=()
[[ $(id -u) != 0 ]] || as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)

data_folder() {
  local folder=$DIR/data
  if [[ $(id -u) == 0 ]]; then
    folder=$(machine_folder)/$(echo -n "$ROOT" | sha256sum | cut -c1-12)-postgres
    ln -sfn "$folder" "$DIR/data"
    install -d -m 700 -o postgres -g postgres "$folder"
  fi
  echo "$folder"
}

# Single-user mode needs no superuser password and no open port. One statement a line.
own_the_role() {
  "${as_server[@]}" "$bin/postgres" --single -D "$data" postgres <<SQL
DO \$\$ BEGIN CREATE ROLE "$role"; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$
ALTER ROLE "$role" LOGIN CREATEDB PASSWORD '$(quoted "$password")'
SQL
}

launch() {
  local bin data
  bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
  data=$(data_folder)
  cd /   # a folder that the server's user may enter
  {
    [[ -f $data/PG_VERSION ]] || "${as_server[@]}" "$bin/initdb" -D "$data" --no-sync \
      --encoding=UTF8 --locale=C.UTF-8 --auth-local=reject --auth-host=scram-sha-256
    own_the_role
  } </dev/null >>"$DIR/log" 2>&1 \
    || { tail -n 30 "$DIR/log" >&2; fail "could not make its data folder"; }
  spawn "${as_server[@]}" "$bin/postgres" -D "$data" -p "$LISTEN" \
    -c listen_addresses="$HOST" -c unix_socket_directories= \
    -c fsync="$DURABLE" -c synchronous_commit="$DURABLE" -c full_page_writes="$DURABLE"
}

prepare() {
  [[ $(sql postgres "select 1 from pg_database
       where datname = '$(quoted "$database")'") == 1 ]] \
    || sql postgres "create database \"$database\""
}

main "$@"
