#!/bin/sh
# Proves the first command of the README on a bare machine: makes a minimal Debian root in
# which PostgreSQL and a compiler are absent, clones this checkout into it, runs `make run`,
# waits until the server is ready, makes the call it prints, and stops it.
#
#   sudo scripts/prove-bare-root.sh [directory]
#
# Needs root, debootstrap and a Rust toolchain. How packages and crates are reached is taken
# from this machine's own settings. Prints PASS or FAIL; the log stays in the directory's
# place as <directory>.log when it fails.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$(mktemp -d "${TMPDIR:-/tmp}/steward-bare-XXXXXX")}
log=$root.log
suite=bookworm
cargo_home=${CARGO_HOME:-$HOME/.cargo}
rustup_home=${RUSTUP_HOME:-$HOME/.rustup}
server=

say() { printf 'bare root: %s\n' "$*"; }

# Everything below runs in mount and process namespaces of its own, so that nothing stays
# mounted or running, however this ends.
if [ "${STEWARD_BARE_ROOT:-}" != inside ]; then
  [ "$(id -u)" = 0 ] || { say "root is needed" >&2; exit 1; }
  command -v debootstrap >/dev/null || { say "debootstrap is needed" >&2; exit 1; }
  mkdir -p "$root"
  # Inside, it is the root of everything, which every account passes through.
  chmod 755 "$root"
  status=0
  STEWARD_BARE_ROOT=inside unshare --mount --pid --fork --mount-proc --kill-child "$0" "$root" || status=$?
  # Only an empty mount point or plain files are left by now.
  [ -n "${STEWARD_KEEP_ROOT:-}" ] || rm -rf --one-file-system "$root"
  if [ $status = 0 ]; then
    rm -f "$log"
    say PASS
  else
    tail -n 40 "$log" 2>/dev/null >&2 || true
    say "FAIL (log: $log)"
  fi
  exit $status
fi

fail() { say "$*" >&2; exit 1; }

# --- A minimal Debian ----------------------------------------------------------------------

# The archives this machine gets its Debian packages from: `uri suite component` a line.
archives=$(apt-get indextargets --format '$(REPO_URI) $(SUITE) $(CODENAME) $(COMPONENT)' \
  'Created-By: Packages' 'Origin: Debian' 2>/dev/null | sort -u)
mirror=$(printf '%s\n' "$archives" | awk -v s=$suite '$3 == s && $4 == "main" { print $1; exit }')
[ -n "$mirror" ] || mirror=$(sed -n \
  -e 's/^URIs: *\([^ ]*\/debian\)\/* *$/\1/p' \
  -e 's/^deb \(\[[^]]*\] \)*\([^ ]*\/debian\)\/* .*/\2/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
[ -n "$mirror" ] || fail "no Debian archive in this machine's apt settings"

say "making a minimal Debian"
debootstrap --variant=minbase --include=ca-certificates,curl,make "$suite" "$root" "$mirror" \
  >"$log" 2>&1 || fail "debootstrap failed"

# --- How this machine reaches packages -------------------------------------------------------

echo "deb $mirror $suite main" >"$root/etc/apt/sources.list"
apt-config dump 2>/dev/null | grep -i '^Acquire::.*Proxy' >"$root/etc/apt/apt.conf.d/90host" || true
for file in /etc/resolv.conf /etc/hosts /etc/pip.conf; do
  [ ! -f "$file" ] || cp -L "$file" "$root$file"
done
mkdir -p "$root/etc/ssl/certs"
cp -rL /etc/ssl/certs/. "$root/etc/ssl/certs/" 2>/dev/null || true

mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"

# The toolchain as it is, read-only; crates already fetched, with what is added thrown away.
mkdir -p "$root/rust/rustup" "$root/rust/cargo" "$root/rust/over" "$root/source"
mount --bind "$rustup_home" "$root/rust/rustup"
mount -o remount,bind,ro "$root/rust/rustup"
mount -t tmpfs tmpfs "$root/rust/over"
mkdir "$root/rust/over/upper" "$root/rust/over/work"
mount -t overlay overlay "$root/rust/cargo" \
  -o "lowerdir=$cargo_home,upperdir=$root/rust/over/upper,workdir=$root/rust/over/work"

# --- The checkout -----------------------------------------------------------------------------

git clone --quiet --no-hardlinks "$here" "$root/source/steward"
for absent in initdb postgres cc node; do
  ! chroot "$root" sh -c "command -v $absent || ls /usr/lib/postgresql/*/bin/$absent" \
    >/dev/null 2>&1 || fail "$absent should be absent"
done

toolchain=${RUSTUP_TOOLCHAIN:-$(basename "$(rustc --print sysroot)")}
port=$((20000 + $$ % 20000))
inside() {
  chroot "$root" /usr/bin/env -i \
    PATH=/rust/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 CARGO_HOME=/rust/cargo RUSTUP_HOME=/rust/rustup \
    RUSTUP_TOOLCHAIN="$toolchain" STEWARD_LISTEN=127.0.0.1:$port \
    ${CARGO_BUILD_JOBS:+CARGO_BUILD_JOBS=$CARGO_BUILD_JOBS} \
    ${http_proxy:+http_proxy=$http_proxy} ${https_proxy:+https_proxy=$https_proxy} \
    "$@"
}

# --- The command --------------------------------------------------------------------------------

say "make run"
inside make -C /source/steward run >>"$log" 2>&1 &
server=$!

waited=0
until inside curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz"; do
  kill -0 $server 2>/dev/null || fail "make run ended"
  waited=$((waited + 1))
  [ $waited -lt 1800 ] || fail "not ready within half an hour"
  sleep 1
done
say "ready after $waited s"

# The calls as printed: from the one that keeps a token to the one that lists with it.
calls=$(sed -n '/^ *TOKEN=/,/^ *grpcurl /p' "$log" | sed '/^ *grpcurl /d')
[ -n "$calls" ] || fail "make run printed no calls"
answer=$(inside sh -c "$calls") || fail "the printed calls failed: $calls"
printf '%s' "$answer" | grep -q '"items" *: *\[ *{' || fail "the printed calls answered: $answer"
say "the printed calls answer"

# Only processes of our own namespace are in sight here.
for comm in /proc/[0-9]*/comm; do
  if [ "$(cat "$comm" 2>/dev/null)" = steward ]; then
    process=${comm#/proc/}
    kill -INT "${process%/comm}"
  fi
done
waited=0
while kill -0 $server 2>/dev/null; do
  waited=$((waited + 1))
  [ $waited -lt 60 ] || fail "the server does not stop"
  sleep 1
done
say "stopped"
