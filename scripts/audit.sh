#!/usr/bin/env bash
# Look at the dependencies. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/audit.sh

Checks all dependencies, those of the fuzzers as well, against deny.toml: where they come from, their licenses, and known
advisories (RustSec), whose database is fetched. Exits with 1 when something is found, with 4 when the database can't be had.
TEXT
}

case "${1:-}" in
  '') ;;
  --help | -h) usage; exit 0 ;;
  *) usage >&2; fail "unknown option $1" ;;
esac

need_rust
cargo_tool cargo-deny cargo-deny 0.20.2 1
deny() { cargo deny --manifest-path "$1/Cargo.toml" --config "$PWD/deny.toml" --log-level error check "${@:2}" || fail "$1: see above."; }
for project in . fuzz; do
  stage "Sources and licenses of $project"
  deny "$project" sources licenses bans
done
stage "Advisories"
cargo deny --log-level error fetch db >/dev/null 2>&1 || { say "The database of advisories can't be fetched from here: nothing is known of them."; exit 4; }
for project in . fuzz; do deny "$project" advisories; done
done_all
