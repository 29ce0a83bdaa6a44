#!/usr/bin/env bash
# Keycloak with the realms of keycloak/*.json: customers and staff.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=keycloak
PACKAGES=(java:default-jre-headless mvn:maven unzip:unzip curl:curl)
WAIT_SECONDS=240   # first start: 40 s on two idle cores
at KEYCLOAK_SERVER_URL

server=http://$HOST:$LISTEN
home=keycloak-$KEYCLOAK_VERSION

is_healthy() {
  curl -sf --max-time 5 -o /dev/null \
    "$server/realms/staff/.well-known/openid-configuration" 2>/dev/null || return 1
  curl -sf --max-time 5 -o /dev/null \
    "$server/realms/$KEYCLOAK_REALM/protocol/openid-connect/token" \
    -d grant_type=client_credentials -d "client_id=$KEYCLOAK_CLIENT_ID" \
    --data-urlencode "client_secret=$KEYCLOAK_CLIENT_SECRET"
}

# Keycloak imports a realm only once: changed files or secrets need fresh data.
import_realms() {
  local stamp
  stamp=$({
    cat "$HERE"/keycloak/*.json
    echo "$KEYCLOAK_CLIENT_SECRET $STAFF_OIDC_CLIENT_SECRET $DEMO_PASSWORD"
  } | sha256sum)
  [[ $(cat "$DIR/realms" 2>/dev/null) != "$stamp" ]] || return 0
  rm -rf "${DIR:?}/$home/data"
  mkdir -p "$DIR/$home/data/import"
  cp "$HERE"/keycloak/*.json "$DIR/$home/data/import/"
  echo "$stamp" >"$DIR/realms"
}

launch() {
  local zip=keycloak-quarkus-dist-$KEYCLOAK_VERSION.zip
  if [[ ! -d $DIR/$home ]]; then
    under_lock maven from_maven \
      "org.keycloak:keycloak-quarkus-dist:$KEYCLOAK_VERSION:zip" "$zip" "$KEYCLOAK_SHA256"
    rm -rf "${DIR:?}/unpacked" "$DIR/realms"
    unzip -q "$DIR/$zip" -d "$DIR/unpacked"
    mv "$DIR/unpacked/$home" "$DIR/$home"
    rm -rf "${DIR:?}/unpacked" "${DIR:?}/$zip"
  fi
  import_realms
  # The realm files name their secrets as ${VARIABLE}; Keycloak fills them in.
  export KEYCLOAK_CLIENT_SECRET STAFF_OIDC_CLIENT_SECRET DEMO_PASSWORD
  export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD=$DEMO_PASSWORD
  # kc.sh stays behind as the parent of the server: the id that counts is Java's.
  printf '#!/bin/sh\nexec "%s/recorded" java "$@"\n' "$HERE" >"$DIR/java"
  chmod +x "$DIR/java"
  JAVA=$DIR/java JAVA_OPTS_KC_HEAP="-Xms64m -Xmx512m" spawn "$DIR/$home/bin/kc.sh" start-dev \
    --http-host="$HOST" --http-port="$LISTEN" --hostname="$KEYCLOAK_SERVER_URL" \
    --import-realm
}

main "$@"
