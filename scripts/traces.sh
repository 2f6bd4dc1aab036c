#!/usr/bin/env bash
# Record every preset for the page's first picture and the preset cards. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/traces.sh [PRESET ...]

Trains the presets (all of them without arguments) on the CPU and writes static/traces/PRESET.trace.
Run it after a change of a preset or of the engine's numbers; a test compares the files with the presets.
TEXT
}

case "${1:-}" in --help | -h) usage; exit 0 ;; esac
need_rust
export CARGO_TARGET_DIR="$CACHE/target"
cargo build --quiet --profile native --bin normscope
program="$CARGO_TARGET_DIR/native/normscope"
presets=("$@")
[ $# -gt 0 ] || mapfile -t presets < <("$program" presets --json | grep -o '"name":"[^"]*"' | cut -d'"' -f4)
mkdir -p static/traces
out=$(mktemp -d)
# shellcheck disable=SC2064
trap "rm -rf '$out'" EXIT
for preset in "${presets[@]}"; do
  # The page opens with this one: few pictures and every third evaluation, so that it is there at once.
  few=(--shots 16)
  [ "$preset" = norm-trap ] && few=(--shots 3 --evaluations 21)
  "$program" train --preset "$preset" --device cpu --quiet "${few[@]}" --out "$out/$preset" >/dev/null
  cp "$out/$preset/run.trace" "static/traces/$preset.trace"
  say "$preset: $(stat -c %s "static/traces/$preset.trace") bytes"
done
done_all
