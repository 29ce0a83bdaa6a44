#!/usr/bin/env bash
# Prometheus and promtool for the tests of alerts, board and metrics page. Not a server:
# the tests start their own. Debian's package is unpacked and not installed, because
# installing it enables a service that starts at once and at every boot.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=prometheus

unpacked=$ROOT/var/services/$NAME/unpacked
PATH=$PATH:$unpacked/usr/bin   # one that is installed goes first

is_healthy() { promtool --version && prometheus --version; } >/dev/null 2>&1

missing_packages() { is_healthy || echo prometheus; }

# APT checks the package's signature, as it does when it installs.
download() {
  (cd "$DIR/fetch" && apt-get -qq -o Acquire::Retries=3 download prometheus) \
    </dev/null >>"$DIR/install.log" 2>&1
}

install_packages() {
  [[ -n $(missing_packages) ]] || return 0
  say "unpacking Debian's prometheus"
  rm -rf "$DIR/fetch" "$unpacked"
  mkdir -p "$DIR/fetch/unpacked"
  download || { apt update && download; } \
    || { tail -n 30 "$DIR/install.log" >&2; fail "could not fetch prometheus"; }
  dpkg-deb --fsys-tarfile "$DIR/fetch"/prometheus_*.deb \
    | tar -x -C "$DIR/fetch/unpacked" ./usr/bin
  mv "$DIR/fetch/unpacked" "$unpacked"
  rm -rf "$DIR/fetch"
}

launch() { fail "promtool --version does not answer"; }

main "$@"
