#!/usr/bin/env bash
# Check style, lints, documents and scripts, without running anything. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/check.sh [--only PART]... [--skip PART]... [--help]

Checks what needs no run of the program, and names all that fail. Parts:
  format         rustfmt
  native         clippy, every warning an error, on the native program and the tests
  gpu            clippy on what GPU training (--features wgpu) adds to them
  page           clippy on page, rooms and lab, for WebAssembly
  engine         clippy on the engine, for WebAssembly
  documentation  the documentation of the code: all that is public has some, and no link is broken
  shaders        constants, workgroups and uniforms of the shaders against the host's
  crates         licenses and sources of all dependencies, against deny.toml
  javascript     TypeScript's checker on the scripts
  shell          shellcheck
TEXT
}

only=() skip=()
while [ $# -gt 0 ]; do
  case "$1" in
    --only) only+=("${2:-}"); shift ;;
    --skip) skip+=("${2:-}"); shift ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  shift
done

# among WORD LIST...: whether it is in the list.
among() {
  local word=$1 one
  shift
  for one in "$@"; do [ "$one" = "$word" ] && return 0; done
  return 1
}

failed=() done_any=0
# check PART COMMAND...: goes on after a failure, and names it at the end.
check() {
  local part=$1
  shift
  if [ ${#only[@]} != 0 ] && ! among "$part" "${only[@]}"; then return; fi
  if among "$part" "${skip[@]}"; then return; fi
  done_any=1
  stage "$part"
  "$@" || failed+=("$part")
}

# component NAME SUBCOMMAND: whether cargo has it; rustup is asked for it first. Says so where it can't be had.
component() {
  cargo "$2" --version >/dev/null 2>&1 && return
  if have rustup && logged component.log rustup component add "$1" && cargo "$2" --version >/dev/null 2>&1; then return; fi
  say "SKIPPED: there is no $1 here."
  return 1
}

format() {
  component rustfmt fmt || return 0
  cargo fmt --check
}

# native_clippy OPTION...
native_clippy() {
  component clippy clippy || return 0
  cargo clippy --quiet "$@" -- -D warnings
}

# wasm_clippy FEATURES BIN...: the browser's modules.
wasm_clippy() {
  local features=$1 bins=()
  shift
  for bin in "$@"; do bins+=(--bin "$bin"); done
  (
    need_wasm
    PATH="$WASM_CARGO:$PATH"
    component clippy clippy || exit 0
    cargo clippy --quiet --target "$WASM_TARGET" --no-default-features --features "$features" \
      "${bins[@]}" -- -D warnings
  )
}

javascript() {
  need_npm
  "$NPM/node_modules/.bin/tsc" --project scripts/tsconfig.json --typeRoots "$NPM/node_modules/@types"
}

crates() {
  need_npm
  NORMSCOPE_NPM="$NPM" node scripts/crates.mjs . fuzz
}

shell() {
  have shellcheck || apt_install "checker of shell scripts" shellcheck || { say "SKIPPED: there is no shellcheck here."; return 0; }
  shellcheck --severity=warning --shell=bash -x .ci/run scripts/*.sh
}

need_rust
export CARGO_TARGET_DIR="$CACHE/target-check"
check format format
check native native_clippy --all-targets
check gpu native_clippy --features wgpu --lib --bins --test plan --test scene
check page wasm_clippy ui,lab app rooms lab
check engine wasm_clippy worker engine
check documentation env RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --document-private-items
# Without the engine, whose dependencies would have to be compiled for it.
check shaders cargo test --quiet --no-default-features --test shaders
check crates crates
check javascript javascript
check shell shell

if [ "$done_any" = 0 ]; then fail "there is no such part: ${only[*]}"; fi
if [ ${#failed[@]} != 0 ]; then fail "$(printf '%s; ' "${failed[@]}")failed."; fi
done_all
