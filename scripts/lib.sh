# Shared by the scripts: messages, the cache folder, and getting each tool that is missing. Source it from the
# project's root.

CACHE="${NORMSCOPE_CACHE:-$HOME/.cache/normscope}"
TOOLS="$CACHE/tools"
NPM="$CACHE/npm"
WASM_BINDGEN_VERSION=0.2.130
TRUNK_VERSION=0.21.14
BINARYEN_VERSION=132
WASM_TARGET=wasm32-unknown-unknown
mkdir -p "$TOOLS/bin" "$NPM"
[ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
export PATH="$TOOLS/bin:$PATH"
STARTED=$SECONDS

say() { printf '  %s\n' "$*"; }
stage() { printf '\n== %s (%s s so far)\n' "$*" "$((SECONDS - STARTED))"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
done_all() { printf '\nDone in %s s.\n' "$((SECONDS - STARTED))"; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else fail "'$*' needs root, and there is no sudo. Run it as root once, then try again."; fi
}

# apt_install WHY PACKAGE...: installs what is missing; the update runs once a session.
apt_install() {
  local why=$1; shift
  local missing=()
  for package in "$@"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  have apt-get || { say "Can't install ${missing[*]} ($why): no apt-get here."; return 1; }
  say "Installing ${missing[*]} ($why)"
  if [ -z "${APT_UPDATED:-}" ]; then as_root apt-get update -qq >"$CACHE/apt.log" 2>&1 || true; APT_UPDATED=1; fi
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >>"$CACHE/apt.log" 2>&1 || { say "Could not install ${missing[*]} ($why); see $CACHE/apt.log."; return 1; }
}

need_rust() {
  have cargo || fail "cargo is missing. Install Rust 1.95 or newer with rustup, then try again."
}
