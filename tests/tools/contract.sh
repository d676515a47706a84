#!/usr/bin/env bash
# Checks the protobuf files: lint, format, and that no client breaks.
#
# What clients have is the contract as origin/main has it. Where that is this commit itself (a
# fresh clone of main) or unknown, it is the contract as it was before it last changed. Name
# another commit in AGAINST.
set -euo pipefail

cd "$(dirname "$0")/../.."
buf=tests/browser/node_modules/.bin/buf
[ -x $buf ] || { echo "buf is missing; run scripts/setup.sh test" >&2; exit 1; }

echo "buf lint"
$buf lint
echo "buf format"
$buf format --diff --exit-code

commit() { git rev-parse --quiet --verify "$1^{commit}"; }

head=$(commit HEAD)
against=${AGAINST:-}
if [ -n "$against" ]; then
  against=$(commit "$against") || { echo "there is no commit $AGAINST" >&2; exit 1; }
elif against=$(commit refs/remotes/origin/main) && [ "$against" != "$head" ]; then
  against=$(git merge-base "$against" "$head")
elif ! git diff --quiet HEAD -- proto; then
  against=$head
else
  if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
    echo "this clone lacks the history to compare with; fetch it, or name a commit in AGAINST" >&2
    exit 1
  fi
  changed=$(git log -1 --format=%H -- proto)
  # The commit that made the contract has nothing before it.
  against=$(commit "$changed^") || against=
fi

if [ -z "$against" ] || [ -z "$(git ls-tree -d "$against" proto)" ]; then
  echo "buf breaking: there is no earlier contract"
else
  echo "buf breaking, against $(git log -1 --format='%h %s' "$against")"
  $buf breaking --against ".git#ref=$against"
fi
