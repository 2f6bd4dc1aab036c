#!/usr/bin/env bash
# Work on the page: build, serve, watch. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/dev.sh [--port N] [--help]

Builds the app as scripts/start.sh does, serves it on http://localhost:8080, builds it again after every change of a file
and loads open pages again.
  --port N   another port
TEXT
}

port=8080
while [ $# -gt 0 ]; do
  case "$1" in
    --port) port=${2:-}; shift ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  shift
done
case "$port" in '' | *[!0-9]*) fail "--port '$port': must be a number from 1 to 65535, e.g. --port 8081." ;; esac

need_build_tools
build_app quick
stage "Serving and watching (Ctrl+C ends both)"
node scripts/serve.mjs dist "$port" --reload &
trap 'kill %1 2>/dev/null' EXIT
with_trunk quick watch
