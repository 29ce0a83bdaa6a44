# Parts of a service URL: scheme://user:password@host:port/path
# shellcheck shell=bash

url_part() { # url_part URL user|password|host|port|path
  local pattern='^[a-z0-9+]+://(([^:@/]*)(:([^@/]*))?@)?([^:/?]+)(:([0-9]+))?(/([^?]*))?'
  [[ $1 =~ $pattern ]] || return 1
  local part
  case $2 in
    user) part=${BASH_REMATCH[2]} ;;
    password) part=${BASH_REMATCH[4]} ;;
    host) part=${BASH_REMATCH[5]} ;;
    port) part=${BASH_REMATCH[7]} ;;
    path) part=${BASH_REMATCH[9]} ;;
    *) return 1 ;;
  esac
  printf '%b' "${part//%/\\x}"
}
