#!/usr/bin/env bash
# Get every tool, build the app and serve it. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/start.sh [--port N] [--build-only] [--release] [--watch] [--help]

Gets every tool that is missing, builds the app with Trunk into dist/ and serves it on
http://localhost:8080.
  --port N       another port
  --build-only   build, don't serve
  --release      small modules, as they are handed out: takes some minutes more
  --watch        builds again after every change of a file, and loads open pages again

NORMSCOPE_URL, e.g. https://example.org/normscope/, is where the page will be: chats then show the picture of its links.
Tools and build outputs go to $NORMSCOPE_CACHE (default ~/.cache/normscope), so the second time is quick.
TEXT
}

port=8080 serve=1 kind=quick watch=0
while [ $# -gt 0 ]; do
  case "$1" in
    --port) port=${2:-}; shift ;;
    --build-only) serve=0 ;;
    --release) kind=release ;;
    --watch) watch=1 ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
  shift
done
case "$port" in '' | *[!0-9]*) fail "--port '$port': must be a number from 1 to 65535, e.g. --port 8081." ;; esac

need_build_tools
build_app "$kind"
if [ "$watch" = 1 ]; then
  stage "Serving and watching (Ctrl+C ends both)"
  node scripts/serve.mjs dist "$port" --reload &
  trap 'kill %1 2>/dev/null' EXIT
  with_trunk "$kind" watch
elif [ "$serve" = 1 ]; then
  stage "Serving"
  exec node scripts/serve.mjs dist "$port"
fi
done_all
