#!/usr/bin/env bash
# Fuzz every reader. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/fuzz.sh [--runs N] [--check] [--keep] [--seeds] [TARGET...]

Runs libFuzzer on every reader of foreign bytes (fuzz/fuzz_targets), from the corpus in fuzz/corpus.
  --runs N   executions of each target (default 10,000,000)
  --check    only the corpus, once: what found something before, or nearly
  --keep     then put the inputs that are needed to reach what was reached into fuzz/corpus/TARGET.zip
  --seeds    write the seeds afresh that only a run can give, and stop
  TARGET     only these

Inputs are at most 4 KiB long, since short ones reach the same code much sooner; then 1 of 100 executions again at 64 KiB.

An allocation of more than 64 MB at once, more than 1 GB in all, or 10 seconds for one input count as failures.
TEXT
}

runs=10000000 seeds=no keep=no targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --runs) runs=${2:-}; shift ;;
    --check) runs=0 ;;
    --keep) keep=yes ;;
    --seeds) seeds=yes ;;
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
if [ $seeds = yes ]; then
  stage "Seeds"
  logged fuzz-seeds.log env CARGO_TARGET_DIR="$CACHE/target" cargo test --profile native \
    --test seeds --test field --test field_pictures -- --ignored seeds || fail "No seeds."
  done_all
  exit
fi
cargo_tool cargo-fuzz cargo-fuzz 0.13.2 1
# libFuzzer's counters are an unstable flag of the compiler.
export CARGO_TARGET_DIR="$CACHE/target-fuzz" RUSTC_BOOTSTRAP=1
stage "Building"
# With a hook on every comparison the runs take many times as long.
logged fuzz-build.log cargo fuzz build --sanitizer none --no-trace-compares || fail "The fuzzers could not be built."
program() { find "$CARGO_TARGET_DIR" -path "*release/$1" -type f -perm -u+x | head -n 1; }
found=$(mktemp -d) longest=65536
# fuzz TARGET RUNS LENGTH: inputs of at most so many bytes.
fuzz() {
  local log=fuzz-$1-$3.log
  "$(program "$1")" "$CACHE/fuzz/$1" "fuzz/corpus/$1" -runs="$2" -malloc_limit_mb=64 -rss_limit_mb=1024 -timeout=10 \
    -max_len="$3" -print_final_stats=1 -artifact_prefix="$found/" >"$CACHE/$log" 2>&1 \
    || { tail -n 30 "$CACHE/$log" >&2; fail "$1: see $found and $CACHE/$log."; }
  grep -E 'stat::(number_of_executed_units|peak_rss_mb)' "$CACHE/$log" | sed "s/^/  at most $3 bytes: /"
}
# keep TARGET: the fewest inputs that reach everything.
keep() {
  local all; all=$(mktemp -d)
  "$(program "$1")" -set_cover_merge=1 "$all" "fuzz/corpus/$1" "$CACHE/fuzz/$1" -max_len="$longest" >"$CACHE/fuzz-$1-merge.log" 2>&1 || fail "$1: see $CACHE/fuzz-$1-merge.log."
  (cd "$all" && touch -t 202601010000 ./* && python3 -m zipfile -c all.zip ./*)
  mv "$all/all.zip" "fuzz/corpus/$1.zip"
  say "$(ls "$all" | wc -l) inputs kept"
  rm -r "$all"
}
for target in "${targets[@]}"; do
  stage "$target"
  # New inputs go to a folder of their own; the corpus of the project stays small.
  mkdir -p "$CACHE/fuzz/$target"
  python3 -m zipfile -e "fuzz/corpus/$target.zip" "$CACHE/fuzz/$target"
  [ "$runs" = 0 ] || fuzz "$target" "$runs" 4096
  fuzz "$target" $((runs / 100)) "$longest"
  [ $keep = no ] || keep "$target"
done
done_all
