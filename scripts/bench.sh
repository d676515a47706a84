#!/bin/sh
# Measures point reads, as ratios of pgbench on the same database in the same run:
# scripts/bench.sh [server program]
#
# Everything runs on this machine: the server, its PostgreSQL and the load. Quote the ratios,
# never the absolute numbers. BENCH_SECONDS (10) and BENCH_ROUNDS (3) say how long.
set -eu

cd "$(dirname "$0")/.."
program=${1:-target/release/steward}
seconds=${BENCH_SECONDS:-10}
rounds=${BENCH_ROUNDS:-3}
port=${BENCH_PORT:-18099}
base=http://127.0.0.1:$port

say() { printf 'bench: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
[ -x "$program" ] || fail "$program is not there; run make bench"

work=$(mktemp -d)
# PostgreSQL runs under another account when started as root.
chmod 755 "$work"
server=
stop() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || true; }
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

STEWARD_DATA_DIR=$work/data
export STEWARD_DATA_DIR
STEWARD_LOG=warn "$program" serve --listen "127.0.0.1:$port" --demo >"$work/banner" 2>"$work/log" &
server=$!
waited=0
until curl -sf -o /dev/null "$base/readyz"; do
  kill -0 $server 2>/dev/null || { cat "$work/log" >&2; fail "the server ended"; }
  waited=$((waited + 1))
  [ $waited -lt 600 ] || fail "the server is not ready within a minute"
  sleep 0.1
done

# --- What is called --------------------------------------------------------------------------

id=$(sed -n 's/.*client_id=\([^ ]*\).*/\1/p' "$work/banner" | head -n 1)
secret=$(sed -n 's/.*client_secret=\([^ ]*\).*/\1/p' "$work/banner" | head -n 1)
token=$(curl -sf "$base/api/connect/token" -d grant_type=client_credentials -d scope=api \
  -d "client_id=$id" -d "client_secret=$secret" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
owner=$(curl -sf "$base/api/public/Owners?pageSize=1" -H "Authorization: Bearer $token" |
  sed 's/.*"items":\[{"id":\([0-9]*\).*/\1/')
[ "$owner" -gt 0 ] && [ "$owner" -lt 128 ] || fail "no owner to read"
json=$base/api/public/Owners/$owner
grpc=$base/steward.facilities.v1.OwnerService/GetOwner
# A frame of two bytes: field 1, the id.
printf "\\000\\000\\000\\000\\002\\010\\$(printf '%03o' "$owner")" >"$work/request"

# Speed is of no interest when the answers are wrong.
curl -sf -o /dev/null "$json" -H "Authorization: Bearer $token" || fail "the JSON call fails"
curl -s --http2-prior-knowledge -o /dev/null -D "$work/head" --data-binary "@$work/request" "$grpc" \
  -H 'content-type: application/grpc' -H 'te: trailers' -H "authorization: Bearer $token"
grep -qi '^grpc-status: 0' "$work/head" || fail "the gRPC call fails"

url=$("$program" database-url)
pgbench=$(command -v pgbench || ls /usr/lib/postgresql/*/bin/pgbench 2>/dev/null | tail -n 1)
"$pgbench" --initialize --quiet --scale=10 "$url" 2>>"$work/log"

# --- Rounds, interleaved so that a busy moment hits all alike ------------------------------------

measure_pgbench() {
  "$pgbench" -S -M prepared -c 16 -j 2 -T "$seconds" "$url" 2>>"$work/log" |
    sed -n 's/^tps = \([0-9]*\).*/\1/p'
}
measure_grpc() {
  h2load -c 8 -m 8 -t 1 -D "$seconds" -d "$work/request" -H 'content-type: application/grpc' \
    -H 'te: trailers' -H "authorization: Bearer $token" "$grpc" >"$work/h2load"
  grep -q ' 0 failed, 0 errored' "$work/h2load" || fail "gRPC calls failed: $(grep requests: "$work/h2load")"
  sed -n 's/^finished in .*, \([0-9]*\)[.0-9]* req\/s.*/\1/p' "$work/h2load"
}
measure_json() {
  wrk -t 1 -c 64 -d "$seconds" -H "Authorization: Bearer $token" "$json" >"$work/wrk"
  ! grep -q 'Non-2xx\|Socket errors' "$work/wrk" || fail "JSON calls failed"
  sed -n 's/^Requests\/sec: *\([0-9]*\).*/\1/p' "$work/wrk"
}
median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

for round in $(seq "$rounds"); do
  say "round $round of $rounds"
  measure_pgbench >>"$work/pgbench.result"
  measure_grpc >>"$work/grpc.result"
  measure_json >>"$work/json.result"
done

pg=$(median <"$work/pgbench.result")
rpc=$(median <"$work/grpc.result")
web=$(median <"$work/json.result")
awk -v pg="$pg" -v rpc="$rpc" -v web="$web" 'BEGIN {
  print "| point read | per second here | ratio | goal |"
  print "| --- | --- | --- | --- |"
  printf "| pgbench -S -M prepared, 16 clients | %d | 1.00 | |\n", pg
  printf "| gRPC, 64 in flight | %d | %.2f of pgbench | 0.35 |\n", rpc, rpc / pg
  printf "| JSON, 64 in flight | %d | %.2f of gRPC | 0.88 |\n", web, web / rpc
}'
