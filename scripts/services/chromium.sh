#!/usr/bin/env bash
# Chromium for the browser tests. Not a server: it is installed and must answer.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=chromium

# Without these every letter in a picture is a box.
has_fonts() { fc-list 2>/dev/null | grep -qi liberation; }

missing_packages() {
  command -v chromium >/dev/null || echo chromium
  command -v fc-list >/dev/null || echo fontconfig
  has_fonts || echo fonts-liberation
}

is_healthy() { timeout 20 chromium --version >/dev/null 2>&1 && has_fonts; }

launch() { fail "chromium --version does not answer"; }

main "$@"
