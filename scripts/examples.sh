#!/usr/bin/env bash
# Record what the rooms open with. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/examples.sh [NAME ...]

Records anomalies, experiments and diagnostics (all of them without arguments) on the CPU and writes
static/examples/NAME.example. It takes some minutes. Run it after a change of the engine's numbers, of a study's
report, or of what an answer (src/lab/answer.rs) holds; a test reads the files.
TEXT
}

case "${1:-}" in --help | -h) usage; exit 0 ;; esac
need_rust
export CARGO_TARGET_DIR="$CACHE/target"
cargo build --quiet --profile native --bin normscope
"$CARGO_TARGET_DIR/native/normscope" examples --out static/examples --day "$(date -u +%F)" "$@"
done_all
