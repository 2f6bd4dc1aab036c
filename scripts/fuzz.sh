#!/usr/bin/env bash
# Fuzz every reader. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/fuzz.sh [--runs N] [--check] [TARGET...]

Runs libFuzzer on every reader of foreign bytes (fuzz/fuzz_targets), from the corpus in fuzz/corpus.
  --runs N   executions of each target (default 10,000,000)
  --check    only the corpus, once: what found something before, or nearly
  TARGET     only these

An allocation of more than 64 MB at once, more than 1 GB in all, or 10 seconds for one input count as failures.
TEXT
}

runs=10000000 targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --runs) runs=${2:-}; shift ;;
    --check) runs=0 ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; fail "unknown option $1" ;;
    *) targets+=("$1") ;;
  esac
  shift
done
case "$runs" in '' | *[!0-9]*) fail "--runs '$runs': must be a number, e.g. --runs 100000." ;; esac
if [ ${#targets[@]} = 0 ]; then
  for file in fuzz/fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi

need_rust
cargo_tool cargo-fuzz cargo-fuzz 0.13.2
# libFuzzer's counters are an unstable flag of the compiler.
export CARGO_TARGET_DIR="$CACHE/target-fuzz" RUSTC_BOOTSTRAP=1
stage "Building"
logged fuzz-build.log cargo fuzz build --sanitizer none || fail "The fuzzers could not be built."
found=$(mktemp -d)
for target in "${targets[@]}"; do
  stage "$target"
  # New inputs go to a folder of their own; the corpus of the project stays small.
  mkdir -p "$CACHE/fuzz/$target"
  program=$(find "$CARGO_TARGET_DIR" -path "*release/$target" -type f -perm -u+x | head -n 1)
  "$program" "$CACHE/fuzz/$target" "fuzz/corpus/$target" -runs="$runs" -malloc_limit_mb=64 -rss_limit_mb=1024 -timeout=10 \
    -max_len=16384 -print_final_stats=1 -artifact_prefix="$found/" >"$CACHE/fuzz-$target.log" 2>&1 \
    || { tail -n 30 "$CACHE/fuzz-$target.log" >&2; fail "$target: see $found and $CACHE/fuzz-$target.log."; }
  grep -E 'stat::(number_of_executed_units|peak_rss_mb)' "$CACHE/fuzz-$target.log" | sed 's/^/  /'
done
done_all
