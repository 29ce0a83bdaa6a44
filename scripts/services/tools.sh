#!/usr/bin/env bash
# What make and the virtual environment need on a bare machine: make, Python 3.11.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=tools

has_venv() { python3 -c "import ensurepip, venv" 2>/dev/null; }

missing_packages() {
  command -v make >/dev/null || echo make
  command -v git >/dev/null || echo git
  command -v python3 >/dev/null || echo python3
  has_venv || echo python3-venv
}

is_healthy() {
  [[ -z $(missing_packages) ]] \
    && python3 -c "import sys; sys.exit(sys.version_info < (3, 11))"
}

launch() { fail "needs Python 3.11 or later, found $(python3 --version)"; }

main "$@"
