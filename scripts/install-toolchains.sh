#!/usr/bin/env bash
# Installs what the tests need beside Node.js, where it is missing: Chromium, Python with venv, PostgreSQL, Redis, OpenSSL, Go, clang, nginx, a JDK, Ruby, PHP, and
# Debian 12's own Go 1.19 beside another one.
# Debian and Ubuntu only; elsewhere it says what is missing and leaves it to you.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v python3 >/dev/null || missing+=(python3)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v openssl >/dev/null || missing+=(openssl)
command -v git >/dev/null || missing+=(git)
command -v go >/dev/null || missing+=(golang-go)
command -v clang >/dev/null || missing+=(clang)
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
command -v javac >/dev/null || missing+=(default-jdk-headless)
command -v php >/dev/null || missing+=(php-cli)
command -v redis-server >/dev/null || missing+=(redis-server)
ruby -e 'require "webrick"' 2>/dev/null || missing+=(ruby ruby-webrick)
old_go=golang-1.19-go
[ -x /usr/lib/go-1.19/bin/go ] && old_go=

if [ ${#missing[@]} -eq 0 ] && [ -z "$old_go" ]; then exit 0; fi
if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]} $old_go; install them with your package manager" >&2
  exit 3
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -q >/dev/null
# Only Debian 12 has it.
if [ -n "$old_go" ]; then
  if [ -n "$(apt-cache madison "$old_go" 2>/dev/null)" ]; then
    missing+=("$old_go")
  elif [ "${CI:-}" = true ]; then
    echo "this distribution has no $old_go, which tests need" >&2
    exit 3
  else
    echo "skipped: $old_go: this distribution has no such package; tests with Go 1.19 say so, too"
  fi
fi
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
echo "installing ${missing[*]}"
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
