# What every server script shares: settings, packages, start, wait, stop.
#
# A server script sets NAME and PACKAGES, says where it listens (at SETTING), defines
# is_healthy and launch (and, where needed, prepare) and ends with: main "$@"
# shellcheck shell=bash
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
# shellcheck source=versions.env
. "$HERE/versions.env"
# shellcheck source=url.sh
. "$HERE/url.sh"

HOST=127.0.0.1     # never anything but loopback
LISTEN=            # the port; empty for Chromium, which is no server
WAIT_SECONDS=30    # a cold start on two busy cores
STOP_SIGNAL=TERM
PACKAGES=()        # "command:package", installed where the command is absent

say() { printf '%-9s %s\n' "$NAME" "$*"; }
fail() { say "$*" >&2; exit 1; }

# --- settings: the environment first, then .env, then .env.example --------------

read_settings() {
  local file line name
  for file in "$ROOT/.env" "$ROOT/.env.example"; do
    [[ -r $file ]] || continue
    while read -r line || [[ -n $line ]]; do
      [[ $line =~ ^([A-Z][A-Z0-9_]*)=[\"\']?([^\"\']*)[\"\']?$ ]] || continue
      name=${BASH_REMATCH[1]}
      [[ -n ${!name+set} ]] || printf -v "$name" %s "${BASH_REMATCH[2]}"
    done <"$file"
  done
}
read_settings

at() { # at URL_SETTING: where the server listens
  local url=${!1:-} host
  host=$(url_part "$url" host) && LISTEN=$(url_part "$url" port) && [[ -n $LISTEN ]] \
    || fail "$1 must name host and port"
  [[ $host == "$HOST" || $host == localhost ]] \
    || fail "$1 points to $host: only servers on this machine are started here"
}

# --- folders ---------------------------------------------------------------------

# One folder per user for what all checkouts share (locks) and for data that must
# lie on a path other users may walk.
machine_folder() {
  local folder
  folder="/var/tmp/vestibule-services-$(id -u)"
  mkdir -p -m 755 "$folder"
  [[ ! -L $folder && $(stat -c %u "$folder") == "$(id -u)" ]] \
    || fail "$folder belongs to somebody else"
  echo "$folder"
}

under_lock() { # under_lock NAME COMMAND...: no two of them at once on this machine
  local lock
  lock=$(machine_folder)/$1.lock
  shift
  (
    flock -w 900 9 || fail "$lock is held for too long"
    "$@"
  ) 9>"$lock"
}

# --- installing --------------------------------------------------------------------

missing_packages() {
  local pair
  for pair in "${PACKAGES[@]}"; do
    command -v "${pair%%:*}" >/dev/null || echo "${pair#*:}"
  done
}

as_root() {
  if [[ $(id -u) == 0 ]]; then "$@"; else sudo -n "$@"; fi
}

apt() { # apt update|install ...
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" \
    </dev/null >>"$DIR/install.log" 2>&1
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  if [[ $(id -u) != 0 ]] && ! sudo -n true 2>/dev/null; then
    fail "needs these packages, please install them: ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  apt install -y --no-install-recommends "${missing[@]}" \
    || { apt update && apt install -y --no-install-recommends "${missing[@]}"; } \
    || { tail -n 30 "$DIR/install.log" >&2; fail "could not install ${missing[*]}"; }
}

from_maven() { # from_maven GROUP:ARTIFACT:VERSION:TYPE[:CLASSIFIER] FILE SHA256
  local target=$DIR/$2
  [[ -f $target ]] && return
  say "fetching $2"
  # An empty folder: Maven must not find a project to build.
  mkdir -p "$DIR/fetch"
  (cd "$DIR/fetch" && mvn -B -q -ntp \
    "org.apache.maven.plugins:maven-dependency-plugin:$MAVEN_DEPENDENCY_PLUGIN_VERSION:copy" \
    "-Dartifact=$1" "-DoutputDirectory=$DIR/fetch") \
    </dev/null >>"$DIR/install.log" 2>&1 \
    || { tail -n 30 "$DIR/install.log" >&2; fail "could not fetch $1"; }
  echo "$3  $DIR/fetch/$2" | sha256sum --check --quiet - >&2 \
    || fail "$2 is not the file whose SHA-256 versions.env names"
  mv "$DIR/fetch/$2" "$target"
}

# --- processes ----------------------------------------------------------------------

# The second word of the pid file is the start time of the process, so that a number
# used again after a reboot is never taken for our server.
# A dead process that nobody has collected yet (state Z) does not count.
started_at() { sed 's/.*) //; /^Z/d' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

own_pid() { # prints the id when the server of this checkout runs
  local pid since
  [[ -f $DIR/pid ]] && read -r pid since <"$DIR/pid" || return 1
  [[ -n ${since:-} && $(started_at "$pid") == "$since" ]] && echo "$pid"
}

# A server that holds the caller's pipe open makes the caller wait for ever: own
# session, no stdin, both outputs to the log, every other descriptor closed.
spawn() {
  rm -f "$DIR/pid"
  (cd "$DIR" && PID_FILE=$DIR/pid exec setsid "$HERE/recorded" "$@") \
    </dev/null >>"$DIR/log" 2>&1 &
  disown
}

port_taken() { (: <"/dev/tcp/$HOST/$LISTEN") 2>/dev/null; }

wait_until_healthy() {
  local give_up=$((SECONDS + WAIT_SECONDS)) missed=0
  until is_healthy; do
    # Gone for three seconds, not for a moment: Keycloak replaces its own process.
    if own_pid >/dev/null; then missed=0; else ((++missed)); fi
    if ((missed > 10 || SECONDS >= give_up)); then
      tail -n 30 "$DIR/log" >&2
      fail "did not become healthy on $HOST:$LISTEN, its last log lines are above"
    fi
    sleep 0.3
  done
}

# --- verbs ----------------------------------------------------------------------------

prepare() { :; }   # what must exist inside a healthy server; harmless to run twice

place() { [[ -z $LISTEN ]] || echo " on $HOST:$LISTEN"; }

start_locked() {
  local begun=$EPOCHREALTIME
  [[ -z $(missing_packages) ]] || under_lock packages install_packages
  if is_healthy; then
    prepare
    if [[ -z $LISTEN ]] || own_pid >/dev/null; then
      say "already up$(place)"
    else
      say "already up$(place), not started by this checkout: accepted as it is"
    fi
    return
  fi
  if ! own_pid >/dev/null; then
    [[ -z $LISTEN ]] || ! port_taken \
      || fail "$HOST:$LISTEN is taken by something that does not know our credentials"
    : >"$DIR/log"
    launch
    # Whoever wants to end just what was started here asks for a list of it.
    [[ -z ${SERVICES_STARTED:-} ]] || echo "$NAME" >>"$SERVICES_STARTED"
  fi
  wait_until_healthy
  prepare
  say "up$(place) after $(awk "BEGIN {printf \"%.1f\", $EPOCHREALTIME - $begun}") s"
}

stop() {
  local pid tries=0
  if ! pid=$(own_pid); then
    rm -f "$DIR/pid"
    say "not running from this checkout"
    return
  fi
  kill "-$STOP_SIGNAL" "$pid"
  while own_pid >/dev/null; do
    ((++tries < 100)) || kill -KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
  rm -f "$DIR/pid"
  say "stopped"
}

check() {
  if is_healthy; then say "up$(place)"; else say "down$(place)"; return 1; fi
}

main() {
  DIR=$ROOT/var/services/$NAME
  mkdir -p "$DIR"
  case ${1:-} in
    start) under_lock "$NAME-$LISTEN" start_locked ;;
    stop) stop ;;
    check) check ;;
    *) fail "usage: $0 start|stop|check" ;;
  esac
}
