#!/usr/bin/env bash
# Installs what the tests need beside Node.js, where it is missing: Chromium, Python with venv, PostgreSQL, Redis, OpenSSL, Go, clang, nginx, a JDK, Ruby, PHP.
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

if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]}; install them with your package manager" >&2
  exit 3
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing ${missing[*]}"
$sudo apt-get update -q >/dev/null
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
