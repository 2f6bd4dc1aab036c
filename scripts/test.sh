#!/usr/bin/env bash
# Run all tests. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/test.sh [--native | --browser] [--help]

Runs all tests: native ones first, then, in headless Chromium, the page end to end, and a tour of it in Firefox and in WebKit.
  --native    only the checks (scripts/check.sh) and the native tests (maths, engine on the CPU, readers, URL codec, files
              opened with Python)
  --browser   only the browser tests (builds the app first)

With NORMSCOPE_REQUIRE_GPU=1 native tests that need a GPU (a software one will do) fail where there is none; else they are
named at the end as not run.

Missing tools are installed; build outputs go to $NORMSCOPE_CACHE (default ~/.cache/normscope).
TEXT
}

# Lets the program write its files, and opens them with numpy, safetensors and an XML parser.
read_with_python() {
  stage "Files opened with Python"
  need_python
  cargo build --quiet --profile native --bin normscope
  local program="$CARGO_TARGET_DIR/native/normscope" out
  out=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$out'" EXIT
  {
    "$program" train --quiet --steps 20 --set a.bn=1 --set b.bn=0 --set b.dim=5 --out "$out/train"
    "$program" diagnose "$out/train/embeddings.npz" --quiet --array b_z --out "$out/diagnose"
    "$program" simulate growth --quick --quiet --out "$out/simulate"
    "$program" compare --quiet --steps 20 --seeds 2 --out "$out/compare"
  } >"$CACHE/files.log"
  "$PYTHON/bin/python" tests/python/read_files.py "$out/train" "$out/diagnose" "$out/simulate" "$out/compare"
}

# Exports scripts and runs them with PyTorch: against the engine's numbers, alone, as two processes, resumed.
run_with_pytorch() {
  stage "PyTorch script"
  if ! need_torch; then
    say "SKIPPED: there is no PyTorch here (Debian's python3-torch, or TORCH_PYTHON naming a Python that has it)."
    return
  fi
  "$TORCH_PYTHON" tests/python/pytorch_script.py "$CARGO_TARGET_DIR/native/normscope" "$CARGO_TARGET_DIR/tmp/pytorch.json"
}

# tour NAME: the tour of the page in another browser, where that can be had.
tour() {
  stage "Tour in $1"
  if "need_$1"; then
    NODE_PATH="$NPM/node_modules" node --test --test-concurrency=1 "tests/browsers/$1.mjs"
  else
    say "SKIPPED: there is no $1 here."
  fi
}

native=1 browser=1
for argument in "$@"; do
  case "$argument" in
    --native) browser=0 ;;
    --browser) native=0 ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $argument" ;;
  esac
done

if [ "$native" = 1 ]; then
  # What GPU training adds has the most dependencies to look at, and the shaders have tests below.
  scripts/check.sh --skip gpu --skip shaders
  stage "Native tests"
  need_rust
  export CARGO_TARGET_DIR="$CACHE/target"
  # Tests that need what this machine lacks write their names there.
  export NORMSCOPE_NOT_RUN="$CACHE/not-run.txt"
  rm -f "$NORMSCOPE_NOT_RUN"
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --cargo-profile native --no-fail-fast
  else
    cargo test --profile native
  fi
  read_with_python
  run_with_pytorch
  if [ -s "$NORMSCOPE_NOT_RUN" ]; then
    say "NOT RUN on this machine (NORMSCOPE_REQUIRE_GPU=1 makes that a failure):"
    sed 's/^/  /' "$NORMSCOPE_NOT_RUN"
  fi
fi

if [ "$browser" = 1 ]; then
  if compgen -G 'tests/e2e/*.test.mjs' >/dev/null; then
    scripts/start.sh --build-only --release
    stage "Browser tests"
    need_browser
    need_python
    export NORMSCOPE_PYTHON="$PYTHON/bin/python"
    node scripts/sizes.mjs dist
    NODE_PATH="$NPM/node_modules" node --test --test-concurrency=1 tests/e2e/*.test.mjs
    tour firefox
    tour webkit
  else
    say "No browser tests in this version."
  fi
fi
done_all
