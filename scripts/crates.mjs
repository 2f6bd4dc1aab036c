// Look at the crates that we use: where they come from, and their licenses. See --help.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const usage = `Usage: node scripts/crates.mjs [FOLDER...]

Compares the crates of these packages (default: the project's) with deny.toml. All that a lock file names have to come from the
registry; all that are compiled into something, with any feature and for any target, need a license of its list. Names crates
that come in several versions. Exits with 1 when something is wrong. Advisories are asked for by scripts/audit.sh.
`;
if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(usage);
  process.exit(0);
}

const npm = process.env.NORMSCOPE_NPM;
const load = createRequire(npm ? `${npm}/` : import.meta.url);
const satisfies = load('spdx-satisfies');
const toml = load('smol-toml');

/** @type {any} */
const { licenses } = toml.parse(readFileSync('deny.toml', 'utf8'));
const faults = new Set();

/** Keeps a fault, and says it. */
function fault(text) {
  if (!faults.has(text)) console.error(`${text}.`);
  faults.add(text);
}

/** The crates of a lock file that do not come from where serde comes from; our own have no source. */
function strangers(folder) {
  /** @type {any} */
  const lock = toml.parse(readFileSync(join(folder, 'Cargo.lock'), 'utf8'));
  const registry = lock.package.find((crate) => crate.name === 'serde').source;
  const own = ['normscope', 'normscope-fuzz'];
  return lock.package.filter((crate) => crate.source !== registry && (crate.source || !own.includes(crate.name)));
}

/** [name, version, license] of all that is compiled. */
function compiled(folder) {
  const options = ['--manifest-path', join(folder, 'Cargo.toml'), '--locked', '--all-features', '--target', 'all'];
  const form = ['--edges', 'normal,build', '--prefix', 'none', '--format', '{p}\t{l}'];
  const lines = execFileSync('cargo', ['tree', ...options, ...form], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n');
  const crates = lines.filter((line) => line && !line.startsWith('normscope')).map((line) => line.replace(/ \(\*\)$/, ''));
  return [...new Set(crates)].map((line) => {
    const [, name, version, license] = line.match(/^(\S+) v(\S+)[^\t]*\t(.*)$/);
    return [name, version, license];
  });
}

/** What is wrong with a license, or nothing. */
function refusal(license) {
  if (!license) return 'names no license';
  try {
    // A stroke is an older way to write OR.
    if (satisfies(license.replaceAll('/', ' OR '), licenses.allow)) return undefined;
    return `has the license ${license}, which deny.toml does not allow`;
  } catch (error) {
    return `has the license ${license}, which can't be read (${error.message})`;
  }
}

const folders = process.argv.slice(2);
for (const folder of folders.length ? folders : ['.']) {
  for (const { name, version, source } of strangers(folder)) {
    fault(`${name} ${version} comes from ${source ?? 'a folder'}, not from the registry`);
  }
  const versions = new Map();
  for (const [name, version, license] of compiled(folder)) {
    versions.set(name, [...(versions.get(name) ?? []), version]);
    const reason = refusal(license);
    if (reason) fault(`${name} ${version} ${reason}`);
  }
  const several = [...versions].filter(([, of]) => of.length > 1).map(([name, of]) => `${name} (${of.join(', ')})`);
  const total = [...versions.values()].flat().length;
  console.log(`${join(folder, 'Cargo.toml')}: ${total} crates. Several versions: ${several.join(', ') || 'none'}.`);
}
process.exit(faults.size ? 1 : 0);
