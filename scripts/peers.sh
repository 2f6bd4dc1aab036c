#!/usr/bin/env bash
# Train the same models in Normscope, TensorFlow.js and jax-js, in the same browser. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/peers.sh [--webgpu | --cpu] [--model digits|mnist|shapes] [--seconds S] [--warm S] [--rounds N]

Builds the app, gets TensorFlow.js and jax-js from npm, and measures everybody turn by turn. Without a GPU, WebGPU is
Chromium's software adapter. A benchmark, not a test: it prints a table and judges nothing.
TEXT
}

case "${1:-}" in --help | -h) usage; exit 0 ;; esac
NPM="$TOOLS/peers"
NPM_PACKAGES="playwright-core@1 axe-core@4 @tensorflow/tfjs@4.22 @tensorflow/tfjs-backend-webgpu@4.22 @tensorflow/tfjs-backend-wasm@4.22 @jax-js/jax@0.1"
mkdir -p "$NPM"
[ -n "${NORMSCOPE_DIST:-}" ] || scripts/start.sh --build-only --release
need_npm
NODE_PATH="$NPM/node_modules" node tests/peers/peers.mjs "$@"
