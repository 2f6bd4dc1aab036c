#!/usr/bin/env bash
# Work on the page: build, serve, watch. Takes the options of scripts/start.sh.
exec "$(dirname "$0")/start.sh" --watch "$@"
