#!/usr/bin/env bash
# Make one mistake of each kind and see that scripts/check.sh finds it. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/lib.sh

usage() {
  cat <<'TEXT'
Usage: scripts/mistakes.sh [PART]...

Copies the project and makes one mistake of each kind that scripts/check.sh (or its part PART) looks for, one after the other.
Each has to be refused, for its own reason; prints a table. Takes some minutes.
TEXT
}
case "${1:-}" in --help | -h) usage; exit 0 ;; esac

copy="$CACHE/mistakes"
rm -rf "$copy" && mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --create | tar --extract --directory "$copy"
parts=("$@") missed=0 found="$CACHE/mistake.log"

# mistake PART WHAT MESSAGE FILE COMMAND...: the command changes a copy of the file, and the part has to say the message.
mistake() {
  local part=$1 what=$2 message=$3 file=$4 verdict=refused said
  shift 4
  if [ ${#parts[@]} != 0 ] && [[ " ${parts[*]} " != *" $part "* ]]; then return; fi
  cp "$copy/$file" "$copy/before"
  "$@" "$copy/$file"
  if cmp -s "$copy/$file" "$copy/before"; then fail "$what: nothing was changed in $file."; fi
  if "$copy/scripts/check.sh" --only "$part" >"$found" 2>&1; then verdict=ACCEPTED; fi
  mv "$copy/before" "$copy/$file"
  said=$(grep -m 1 -F -- "$message" "$found") || { verdict="refused, but not for that"; said=$(tail -n 1 "$found"); }
  [ "$verdict" = refused ] || missed=$((missed + 1))
  printf '| %s | %s | %s | `%s` |\n' "$part" "$what" "$verdict" "$(sed 's/\x1b\[[0-9;]*m//g; s/^ *//; s/`//g; s/|/\//g' <<<"$said" | cut -c1-110)"
}
# append TEXT FILE, replace PATTERN TEXT FILE
append() { printf '%b' "$1" >>"$2"; }
# prepend TEXT FILE
replace() { sed -i "s/$1/$2/" "$3"; }

printf '| part | mistake | verdict | what it says |\n|---|---|---|---|\n'
mistake format "two spaces after fn" "Diff in" src/text.rs append '\nfn  mistake() {}\n'
mistake native "a function that takes &Vec" "ptr_arg" src/text.rs \
  append '\n/// A mistake.\npub fn mistake(of: &Vec<u8>) -> usize {\n    of.len()\n}\n'
mistake native "a cast that loses nothing, of clippy's pedantic group" "cast_lossless" src/text.rs \
  append '\n/// A mistake.\npub fn mistake(of: u8) -> u32 {\n    of as u32\n}\n'
mistake native "a public function without documentation" "missing documentation for a function" src/text.rs append '\npub fn mistake() {}\n'
mistake gpu "an unused variable in the plan" "unused variable" src/engine/plan/lowering.rs \
  append '\nimpl Lowering<'"'"'_> {\n    fn mistake(&self) {\n        let rows = self.rows;\n    }\n}\n'
mistake page "a needless return in a room" "needless_return" src/rooms/desk.rs \
  append '\n/// A mistake.\npub fn mistake() -> usize {\n    return 1;\n}\n'
mistake engine "a needless return in the engine" "needless_return" src/worker/engine.rs \
  append '\npub fn mistake() -> usize {\n    return 1;\n}\n'
mistake documentation "a link to nothing" "unresolved link to" src/text.rs append '\n/// See [`Nothing`].\npub fn mistake() {}\n'
mistake shaders "another number of words of a recipe" "WORDS of the shader, and of the host" shaders/train/views.wgsl \
  replace 'WORDS: u32 = 28u' 'WORDS: u32 = 27u'
mistake shaders "another workgroup" "the host has" shaders/train/rows.wgsl replace 'workgroup_size(64, 1, 1)' 'workgroup_size(32, 1, 1)'
mistake shaders "two words of a kernel's sizes swapped" "of the shader, and of the host" shaders/train/linear.wgsl \
  replace 'inputs: u32' 'swapped: u32'
mistake shaders "a word more in the scene" "of the shader, and of the host" shaders/scene.wgsl replace '    eye: f32,' '    eye: f32,\n    more: f32,'
mistake crates "a license that the list does not have" "which deny.toml does not allow" deny.toml replace '"Zlib"' '"MIT"'
mistake crates "a crate from a repository" "not from the registry" Cargo.lock \
  replace 'name = "pollster"' 'name = "stranger"\nversion = "1.0.0"\nsource = "git+https:\/\/example.org\/stranger#0123456"\n\n[[package]]\nname = "pollster"'
mistake javascript "a misspelled function" "error TS" scripts/sizes.mjs append '\nMath.flor(1);\n'
mistake shell "a variable that nobody reads" "SC2034" scripts/dev.sh append '\nmistake=1\n'
rm -rf "$copy"
[ "$missed" = 0 ] || fail "$missed of these mistakes were not found."
