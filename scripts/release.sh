#!/usr/bin/env bash
# Make what is handed out. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/release.sh [--no-build] [--help] [FOLDER]

Writes into FOLDER (default release/):
  normscope-VERSION-page.zip              the page: static files for any host and any folder (docs/hosting.md)
  normscope-VERSION-SYSTEM.tar.gz         the native program, with licence and README
  SHA256SUMS                              of both
  --no-build   take dist/ as it is, which has to be a release build
TEXT
}

build=1 out=release
for argument in "$@"; do
  case "$argument" in
    --no-build) build=0 ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; fail "unknown option $argument" ;;
    *) out=$argument ;;
  esac
done

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
mkdir -p "$out"
out=$(cd "$out" && pwd)

if [ "$build" = 1 ]; then scripts/start.sh --build-only --release; fi
# A quick build has no brotli copies.
[ -f dist/engine_bg.wasm.br ] || fail "dist/ is no release build. Leave out --no-build, or run scripts/start.sh --build-only --release."
node scripts/sizes.mjs dist

stage "The page"
page="$out/normscope-$version-page.zip"
rm -f "$page"
(cd dist && python3 -m zipfile -c "$page" ./*)
say "$page"

stage "The native program"
need_rust
export CARGO_TARGET_DIR="$CACHE/target"
cargo build --quiet --profile handout --bin normscope
system=$(rustc -vV | sed -n 's/^host: //p')
name="normscope-$version-$system"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
mkdir "$staging/$name"
cp "$CARGO_TARGET_DIR/handout/normscope" LICENSE README.md "$staging/$name/"
tar -C "$staging" -czf "$out/$name.tar.gz" "$name"
say "$out/$name.tar.gz"

(cd "$out" && sha256sum "normscope-$version-page.zip" "$name.tar.gz" >SHA256SUMS)
done_all
