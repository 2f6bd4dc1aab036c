# Shared by the scripts: messages, the cache folder, and getting each tool that is missing. Source it from the
# project's root. Everything is idempotent and silent about what is already there.

CACHE="${NORMSCOPE_CACHE:-$HOME/.cache/normscope}"
TOOLS="$CACHE/tools"
NPM="$TOOLS/npm"
WASM_BINDGEN_VERSION=0.2.130
TRUNK_VERSION=0.21.14
PYTHON="$TOOLS/python"
PYTHON_PACKAGES="numpy<3 safetensors<1"
NPM_PACKAGES="binaryen@132 terser@5 playwright-core@1 puppeteer-core@24 axe-core@4 lighthouse@12 typescript@5 @types/node@22 spdx-satisfies@6 smol-toml@1"
WASM_TARGET=wasm32-unknown-unknown
mkdir -p "$TOOLS/bin" "$NPM"
[ -d "$HOME/.cargo/bin" ] && PATH="$PATH:$HOME/.cargo/bin"
export PATH="$TOOLS/bin:$PATH"
STARTED=$SECONDS

say() { printf '  %s\n' "$*"; }
stage() { printf '\n== %s (%s s so far)\n' "$*" "$((SECONDS - STARTED))"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
done_all() { printf '\nDone in %s s.\n' "$((SECONDS - STARTED))"; }
have() { command -v "$1" >/dev/null 2>&1; }

# logged FILE COMMAND...: runs quietly, shows the log's end when it fails.
logged() {
  local log="$CACHE/$1"; shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    say "The whole log is in $log."
    return 1
  fi
}

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
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >>"$CACHE/apt.log" 2>&1 || { say "Could not install ${missing[*]} ($why); see $CACHE/apt.log."; return 1; }
}

need_rust() {
  have cargo || fail "cargo is missing. Install Rust 1.95 or newer with rustup, then try again."
}

# The WebAssembly target: rustup's, or Debian's compiler with a standard library that is built here. Sets WASM_CARGO (the
# folder of the cargo to use) and, for Debian's, the compiler and the linker. NORMSCOPE_WASM=debian skips rustup.
need_wasm() {
  if [ "${NORMSCOPE_WASM:-}" != debian ] && rustup_has_wasm; then
    use_rustup_wasm
    return
  fi
  say "Using Debian's compiler for $WASM_TARGET"
  apt_install "compiler for WebAssembly" rustc-web cargo-web rust-web-src \
    || fail "There is no compiler for $WASM_TARGET. 'rustup target add $WASM_TARGET' would be right; see $CACHE/rustup.log."
  have wasm-ld-22 || apt_install "linker for WebAssembly" lld-22 || fail "The linker wasm-ld-22 (package lld-22) is missing."
  export RUSTC=/usr/bin/rustc CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22
  WASM_CARGO=/usr/bin
  build_wasm_std
}

# Whether rustup has the target or can get it.
rustup_has_wasm() {
  have rustup || return 1
  if rustup target list --installed 2>/dev/null | grep -q "$WASM_TARGET"; then return 0; fi
  rustup target add "$WASM_TARGET" >"$CACHE/rustup.log" 2>&1
}

use_rustup_wasm() {
  WASM_CARGO=$(dirname "$(command -v cargo)")
  unset RUSTC CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER
}

# The standard library for Debian's compiler, with bitcode for link-time optimisation, into its sysroot.
build_wasm_std() {
  local lib scratch="$CACHE/wasm-std" version
  lib="$(/usr/bin/rustc --print sysroot)/lib/rustlib/$WASM_TARGET/lib"
  version="$(/usr/bin/rustc --version) bitcode"
  if [ "$(cat "$lib/normscope-stamp" 2>/dev/null)" = "$version" ]; then return; fi
  say "Building the standard library for $WASM_TARGET (about a minute)"
  rm -rf "$scratch" && mkdir -p "$scratch/src"
  echo 'fn main() {}' >"$scratch/src/main.rs"
  printf '[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$scratch/Cargo.toml"
  (cd "$scratch" && unset CARGO_TARGET_DIR && RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C embed-bitcode=yes" \
    logged wasm-std.log /usr/bin/cargo build --release -Z build-std=std,panic_abort,test --target "$WASM_TARGET") \
    || fail "The standard library for $WASM_TARGET could not be built."
  as_root rm -rf "$lib"
  as_root mkdir -p "$lib"
  for library in "$scratch/target/$WASM_TARGET"/release/deps/lib*.rlib; do
    case "$library" in *libscratch*) ;; *) as_root cp "$library" "$lib/" ;; esac
  done
  echo "$version" >"$scratch/stamp"
  as_root cp "$scratch/stamp" "$lib/normscope-stamp"
  # What was compiled against another standard library can't be linked with this one.
  rm -rf "$CACHE/target-wasm/$WASM_TARGET"
}

# cargo_tool NAME CRATE VERSION OPT_LEVEL [OPTION...]: a command-line tool, compiled into the cache. What it does takes seconds,
# so its own compilation is what counts: no link-time optimisation, and no more features than are used.
cargo_tool() {
  local name=$1 crate=$2 version=$3 level=$4
  shift 4
  if "$TOOLS/bin/$name" --version 2>/dev/null | grep -qF "$version"; then return; fi
  say "Compiling $crate $version (a minute or three, once)"
  # The crate's own lock file can name a crate that a registry does not have (yet), so without it there is a second try.
  (unset RUSTC
    export CARGO_TARGET_DIR="$CACHE/target-tools" CARGO_PROFILE_RELEASE_OPT_LEVEL="$level" CARGO_PROFILE_RELEASE_LTO=off
    export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=true
    cargo install --root "$TOOLS" --version "$version" --locked "$@" "$crate" >"$CACHE/$name.log" 2>&1 ||
    logged "$name.log" cargo install --root "$TOOLS" --version "$version" "$@" "$crate") \
    || fail "$crate $version could not be installed; see $CACHE/$name.log."
}

# Packages from npm: wasm-opt, terser, the browsers' drivers, the accessibility checker, Lighthouse.
need_npm() {
  have npm || apt_install "packages for the browser tests" nodejs npm || fail "npm is missing. Install Node.js 20 or newer."
  if [ "$(cat "$NPM/stamp" 2>/dev/null)" = "$NPM_PACKAGES" ]; then return; fi
  say "Getting $NPM_PACKAGES"
  # shellcheck disable=SC2086
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 logged npm.log npm install --prefix "$NPM" --no-audit --no-fund --silent $NPM_PACKAGES \
    || fail "npm could not get $NPM_PACKAGES."
  echo "$NPM_PACKAGES" >"$NPM/stamp"
}

# Packages for Python, in an environment of their own: what the tests open the program's files with. Sets nothing; the
# interpreter is $PYTHON/bin/python.
need_python() {
  have python3 || apt_install "tests with Python" python3 || fail "Python 3 is missing. Install it, then try again."
  if [ "$(cat "$PYTHON/stamp" 2>/dev/null)" = "$PYTHON_PACKAGES" ] && "$PYTHON/bin/python" -c '' 2>/dev/null; then return; fi
  say "Getting $PYTHON_PACKAGES for Python"
  rm -rf "$PYTHON"
  if ! python3 -m venv "$PYTHON" >"$CACHE/python.log" 2>&1; then
    # Debian keeps pip for new environments in a package of its own.
    apt_install "pip for the tests with Python" python3-venv && rm -rf "$PYTHON" && logged python.log python3 -m venv "$PYTHON" \
      || fail "There is no pip for Python. Install the venv module (python3-venv) and pip, then try again."
  fi
  # shellcheck disable=SC2086
  logged python.log "$PYTHON/bin/python" -m pip install --quiet --disable-pip-version-check $PYTHON_PACKAGES \
    || fail "pip could not get $PYTHON_PACKAGES."
  echo "$PYTHON_PACKAGES" >"$PYTHON/stamp"
}

# A Python with PyTorch: TORCH_PYTHON, else the system's with Debian's package. Fails where there is none.
need_torch() {
  local candidate
  for candidate in "${TORCH_PYTHON:-}" /usr/bin/python3 python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import torch.distributed' 2>/dev/null; then export TORCH_PYTHON="$candidate"; return 0; fi
  done
  apt_install "PyTorch for a test" python3-torch || return 1
  export TORCH_PYTHON=/usr/bin/python3
  "$TORCH_PYTHON" -c 'import torch.distributed' 2>/dev/null
}

# first_of NAME...: the path of the first of these programs that is there; fails where none is.
first_of() {
  local candidate
  for candidate in "$@"; do
    if [ -n "$candidate" ] && command -v "$candidate"; then return 0; fi
  done
  return 1
}

# A Chromium for the tests; CHROMIUM names one of your own.
need_browser() {
  need_npm
  export CHROMIUM
  CHROMIUM=$(first_of "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable) && return 0
  apt_install "browser for the tests" chromium || fail "There is no Chromium. Install one, or set CHROMIUM to its path."
  CHROMIUM=$(first_of chromium)
}

# Firefox for its tour; FIREFOX names one of your own. Fails where there is none.
need_firefox() {
  export FIREFOX
  FIREFOX=$(first_of "${FIREFOX:-}" firefox-esr firefox) && return 0
  apt_install "Firefox for its tour" firefox-esr && FIREFOX=$(first_of firefox-esr)
}

# WebKitGTK with its driver, and a screen for it. Fails where there is none.
need_webkit() {
  if have WebKitWebDriver && have xvfb-run && have xauth; then return 0; fi
  apt_install "WebKit for its tour" webkit2gtk-driver xvfb xauth
}

# Everything that building the app needs.
need_build_tools() {
  stage "Tools"
  need_rust
  need_wasm
  # It reads modules of many megabytes, which takes minutes without any optimisation.
  cargo_tool wasm-bindgen wasm-bindgen-cli "$WASM_BINDGEN_VERSION" 1
  # Without its features it has no downloads, which it is told not to use anyway.
  cargo_tool trunk trunk "$TRUNK_VERSION" 0 --no-default-features
  need_npm
}

# build_app quick|release: builds dist/ with Trunk. A quick build is what one works with: no link-time optimisation, no wasm-opt,
# nothing minified; it computes as fast, and its modules are larger. A release build is what is handed out and tested.
build_app() {
  # Trunk is told to stay offline, and cargo with it: what it needs has to be here.
  logged fetch.log cargo fetch || fail "The crates could not be downloaded; see $CACHE/fetch.log."
  stage "Building the app ($1)"
  with_trunk "$1" build || fail "The app could not be built."
}

# with_trunk quick|release COMMAND...: Trunk with the settings of such a build.
with_trunk() (
  kind=$1 target="$CACHE/target-wasm"
  shift
  unset NO_COLOR
  if [ "$kind" = quick ]; then
    target="$CACHE/target-quick"
    for profile in RELEASE PAGE; do
      export "CARGO_PROFILE_${profile}_LTO=off" "CARGO_PROFILE_${profile}_CODEGEN_UNITS=16" "CARGO_PROFILE_${profile}_INCREMENTAL=true"
    done
  fi
  export PATH="$TOOLS/bin:$WASM_CARGO:$PATH" CARGO_TARGET_DIR="$target" NORMSCOPE_NPM="$NPM" NORMSCOPE_BUILD="$kind"
  trunk "$@" --release --offline
)
