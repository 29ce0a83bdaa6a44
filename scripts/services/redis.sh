#!/usr/bin/env bash
# Redis as the Celery broker: password and port of CELERY_BROKER_URL.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=redis
PACKAGES=(redis-server:redis-server redis-cli:redis-tools)
at CELERY_BROKER_URL

password=$(url_part "$CELERY_BROKER_URL" password)

is_healthy() {
  command -v redis-cli >/dev/null || return 1
  [[ $(REDISCLI_AUTH=$password timeout 5 redis-cli --no-auth-warning \
    -h "$HOST" -p "$LISTEN" ping 2>/dev/null) == PONG ]]
}

# Nothing is kept on disk: what must survive stands in the outbox table. noeviction,
# because a broker that silently drops a task is worse than one that refuses it.
launch() {
  install -m 600 /dev/null "$DIR/redis.conf"
  cat >"$DIR/redis.conf" <<CONF
bind $HOST
port $LISTEN
requirepass $password
dir $DIR
save ""
appendonly no
maxmemory-policy noeviction
CONF
  spawn redis-server "$DIR/redis.conf"
}

main "$@"
