#!/usr/bin/env bash
# A mail server that keeps what arrives as files and sends nothing on.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=smtp
at EMAIL_URL

python=$ROOT/.venv/bin/python

# The greeting names the folder where the mail goes: of this checkout or of another.
greeting() {
  local line
  exec 7<>"/dev/tcp/$HOST/$LISTEN" && read -r -t 3 line <&7 || return 1
  printf 'QUIT\r\n' >&7
  exec 7>&-
  echo "${line%$'\r'}"
} 2>/dev/null

is_healthy() { [[ $(greeting) == *"Vestibule mail sink "* ]]; }

launch() {
  if ! "$python" -c "import aiosmtpd" 2>/dev/null; then
    say "needs the virtual environment, running make install"
    make -C "$ROOT" install </dev/null >>"$DIR/install.log" 2>&1 \
      || { tail -n 30 "$DIR/install.log" >&2; fail "make install failed"; }
  fi
  if [[ -L $DIR/mail ]]; then rm "$DIR/mail"; fi
  spawn "$python" "$HERE/smtp_sink.py" "$HOST" "$LISTEN" "$DIR/mail"
}

# Mail of an accepted sink is found under the same path as mail of our own.
prepare() {
  local line folder
  line=$(greeting)
  folder=${line#*Vestibule mail sink }
  [[ $folder != "$DIR/mail" ]] || return 0
  [[ -d $folder ]] || fail "the mail sink on $HOST:$LISTEN keeps its mail elsewhere"
  [[ -L $DIR/mail || ! -e $DIR/mail ]] || mv "$DIR/mail" "$DIR/mail.$(date +%s)"
  ln -sfn "$folder" "$DIR/mail"
}

main "$@"
