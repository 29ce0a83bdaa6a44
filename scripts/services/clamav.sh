#!/usr/bin/env bash
# ClamAV for documents, at CLAMAV_ADDRESS. It knows the EICAR test file and nothing
# else: no signatures are fetched.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=clamav/eicar.sh
. "$HERE/clamav/eicar.sh"

NAME=clamav
PACKAGES=(clamd:clamav-daemon sigtool:clamav)
PATH=$PATH:/usr/sbin   # where clamd is, and where people's PATH does not lead
CLAMAV_ADDRESS=tcp://${CLAMAV_ADDRESS:-}
at CLAMAV_ADDRESS

# It must find the test file; a scanner that only listens is none. In a shell of its own,
# because one that hangs up while we write ends the writer.
is_healthy() (
  exec 7<>"/dev/tcp/$HOST/$LISTEN" || exit 1
  ask_about_eicar >&7
  IFS= read -r -d '' -t 5 answer <&7
  [[ $answer == "stream: "*" FOUND" ]]
) 2>/dev/null

# What takes hostile files apart does not run as root, and its own user may not be able
# to walk the path of the checkout: then its folder lies elsewhere, linked from here.
as_server=()
[[ $(id -u) != 0 ]] \
  || as_server=(setpriv --reuid=clamav --regid=clamav --init-groups --no-new-privs)

server_folder() {
  local folder=$DIR/data
  if [[ $(id -u) == 0 ]]; then
    folder=$(machine_folder)/$(echo -n "$ROOT" | sha256sum | cut -c1-12)-clamav
    ln -sfn "$folder" "$DIR/data"
  fi
  rm -rf "${folder:?}/scratch"   # what a killed scanner left behind
  install -d -m 755 "$folder" "$folder/database"
  install -d -m 700 "$folder/scratch"
  [[ $(id -u) != 0 ]] || chown clamav:clamav "$folder/scratch"
  echo "$folder"
}

launch() {
  local folder
  umask 022   # its own user reads what root writes here
  folder=$(server_folder)
  make_database "$folder/database" >>"$DIR/log" 2>&1 \
    || { tail -n 30 "$DIR/log" >&2; fail "could not make its database"; }
  {
    cat "$HERE/clamav/clamd.conf"
    echo "TCPAddr $HOST"
    echo "TCPSocket $LISTEN"
    echo "DatabaseDirectory $folder/database"
    echo "TemporaryDirectory $folder/scratch"
  } >"$folder/clamd.conf"
  spawn "${as_server[@]}" clamd --config-file="$folder/clamd.conf"
}

main "$@"
