#!/usr/bin/env bash
# Check style, lints, documents and scripts, without running anything. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/check.sh [--help]

Checks what needs no test: rustfmt; clippy, with every warning an error, for the native program, the page, the engine, the lab and
the tests; the documentation of the code; the JavaScript (TypeScript's checker) and the scripts (shellcheck). Names all that fail.
TEXT
}
case "${1:-}" in '') ;; --help | -h) usage; exit 0 ;; *) usage >&2; fail "unknown option $1" ;; esac

need_rust
need_wasm
need_npm
export CARGO_TARGET_DIR="$CACHE/target-check"
failed=()
# check NAME COMMAND...: goes on after a failure, and names it at the end.
check() {
  local name=$1
  shift
  stage "$name"
  "$@" || failed+=("$name")
}

# wasm_clippy FEATURES BIN...: the browser's modules.
wasm_clippy() {
  local features=$1 bins=()
  shift
  for bin in "$@"; do bins+=(--bin "$bin"); done
  PATH="$WASM_CARGO:$PATH" cargo clippy --quiet --target "$WASM_TARGET" --no-default-features --features "$features" "${bins[@]}" -- -D warnings
}

check rustfmt cargo fmt --check
check "clippy, native program and tests" cargo clippy --quiet --all-targets -- -D warnings
check "clippy, page, rooms and lab" wasm_clippy ui,lab app rooms lab
check "clippy, engine" wasm_clippy worker engine
check "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --document-private-items
check "JavaScript" "$NPM/node_modules/.bin/tsc" --project scripts/tsconfig.json --typeRoots "$NPM/node_modules/@types"
if have shellcheck || apt_install "checker of shell scripts" shellcheck; then
  check "shellcheck" shellcheck --severity=warning --shell=bash -x .ci/run scripts/*.sh
else
  say "SKIPPED: there is no shellcheck here."
fi

if [ ${#failed[@]} != 0 ]; then fail "$(printf '%s; ' "${failed[@]}")failed."; fi
done_all
