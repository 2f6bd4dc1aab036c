// Whether every preset still learns what it learned: trains each one natively over a few seeds and compares what came of both
// arms with tests/learning.json. Slow, so no test runs it: run it by hand before and after a change of the engine.
//
//   node scripts/learning.mjs                       every preset, 3 seeds; exit code 1 and a table when something fell
//   node scripts/learning.mjs --preset shapes-byol  one preset; may be given several times
//   node scripts/learning.mjs --fast                without the presets on shapes, which take most of the time
//   node scripts/learning.mjs --write               writes what was measured into the reference instead
//   options: --seeds N, --first SEED, --json, --program PATH (default: target/native/normscope, else the one in
//   ~/.cache/normscope)
//
// Training is repeatable, but a change that moves only last digits sends a run another way, as another seed does. So what is
// compared is means over seeds, and what is tolerated comes from how far the reference's seeds lie apart.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const options = (name) => process.argv.flatMap((word, at) => (word === `--${name}` ? [process.argv[at + 1]] : []));
const flag = (name) => process.argv.includes(`--${name}`);
const fail = (message) => {
  console.error(`error: ${message}`);
  process.exit(2);
};
const root = new URL('..', import.meta.url).pathname;
const REFERENCE = join(root, 'tests/learning.json');
const built = [
  join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'native/normscope'),
  join(homedir(), '.cache/normscope/target/native/normscope'),
];
const program = options('program')[0] ?? built.find(existsSync);
if (!program || !existsSync(program)) fail('there is no native program. `cargo build --profile native` makes it, --program PATH names one.');
const count = Number(options('seeds')[0] ?? 3);
const first = Number(options('first')[0] ?? 7);
if (!(Number.isInteger(count) && count > 0 && Number.isInteger(first) && first >= 0)) fail('--seeds and --first must be whole numbers.');
const seeds = Array.from({ length: count }, (_, at) => first + at);

/**
 * What is read of an arm at the end of a run. `least` is the smallest tolerance, in the quantity's own unit; what may only not
 * fall is `worse` when it is lower, the others when they move either way: a preset that shows a collapse has to collapse.
 * Norms are compared by their logarithms, since they differ by factors.
 */
const QUANTITIES = [
  { key: 'knn', name: 'kNN of z', of: ({ last }) => last.knn, least: 0.02, oneSided: true },
  { key: 'features', name: 'kNN of features', of: ({ arm }) => arm.knn_features.trained, least: 0.02, oneSided: true },
  { key: 'spread', name: 'spread', of: ({ last }) => last.spread, least: 0.01 },
  { key: 'norm', name: 'median norm', of: ({ last }) => last.norm_q50, least: Math.log10(1.25), log: true },
];
/** How many standard errors of the difference of two means are chance. */
const ERRORS = 3;

/** What the program prints with --json, as an object. */
async function ask(...args) {
  const { stdout } = await exec(program, [...args, '--json'], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}

const scale = ({ log }, value) => (log ? Math.log10(Math.max(value, Number.MIN_VALUE)) : value);
const unscale = ({ log }, value) => (log ? 10 ** value : value);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (value) => Number(value.toPrecision(4));

/** One preset over the seeds: steps, and of each arm every quantity's values, null where it stopped or has none. */
async function measure(name) {
  const values = { a: {}, b: {} };
  let steps = 0;
  for (const seed of seeds) {
    // Only the beginning and the end are evaluated: a run always is at its end.
    const run = await ask('train', '--preset', name, '--seed', String(seed), '--device', 'cpu', '--quiet', '--set', 'eval=10000');
    steps = run.steps;
    for (const arm of run.arms) {
      const last = arm.series.at(-1) ?? {};
      for (const quantity of QUANTITIES) {
        const value = arm.stopped ? undefined : quantity.of({ arm, last });
        (values[arm.arm][quantity.key] ??= []).push(Number.isFinite(value) ? value : null);
      }
    }
  }
  return { steps, values };
}

/** What is kept of a quantity's values: mean (of norms the geometric one), range, deviation of a seed; null without any. */
function summary(quantity, values) {
  const there = values.filter((value) => value !== null);
  if (!there.length) return null;
  const scaled = there.map((value) => scale(quantity, value));
  const middle = mean(scaled);
  const deviation = Math.sqrt(scaled.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, scaled.length - 1));
  return {
    mean: rounded(unscale(quantity, middle)),
    range: [Math.min(...there), Math.max(...there)].map(rounded),
    deviation: rounded(deviation),
    seeds: there.length,
  };
}

/** How far a mean over `n` seeds may lie from the reference, as the quantity is compared. */
function tolerance(quantity, reference, n) {
  // Of one seed no deviation is known; then five times the least.
  const chance = reference.seeds > 1 ? ERRORS * reference.deviation * Math.sqrt(1 / reference.seeds + 1 / n) : 5 * quantity.least;
  return Math.max(quantity.least, chance);
}

/** Compares a quantity with its reference, which was measured over `before` seeds: a row of the table. */
function compare(quantity, reference, now, before) {
  if (!reference || !now) return { before: reference?.mean, now: now?.mean, holds: !reference === !now };
  const allowed = tolerance(quantity, reference, now.seeds);
  const moved = scale(quantity, now.mean) - scale(quantity, reference.mean);
  // An arm that stops early has no values: it may not stop at a larger share of the seeds.
  const fewer = now.seeds / seeds.length < reference.seeds / before;
  const holds = !fewer && (quantity.oneSided ? moved >= -allowed : Math.abs(moved) <= allowed);
  const edge = (by) => unscale(quantity, scale(quantity, reference.mean) + by);
  return { before: reference.mean, now: now.mean, low: edge(-allowed), high: quantity.oneSided ? undefined : edge(allowed), holds };
}

const show = (value) => {
  if (value === undefined || value === null) return '-';
  return Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(2) : value.toFixed(3);
};

const presets = (await ask('presets')).map(({ name }) => name);
const wanted = options('preset');
for (const name of wanted) if (!presets.includes(name)) fail(`there is no preset ${name}. There are ${presets.join(', ')}.`);
const chosen = presets.filter((name) => (wanted.length ? wanted.includes(name) : !(flag('fast') && name.startsWith('shapes'))));
const ABOUT =
  'Written by scripts/learning.mjs --write: what training gives at the end of each preset, means over seeds (of norms the geometric ' +
  `mean). deviation: of a seed, of norms that of the decimal logarithm. Tolerated are ${ERRORS} standard errors of the difference of two means.`;
const readKept = () => (existsSync(REFERENCE) ? JSON.parse(readFileSync(REFERENCE, 'utf8')) : { about: ABOUT, presets: {} });
/** As JSON, a list of numbers on one line. */
const written = (value) =>
  `${JSON.stringify(value, null, 1).replace(/\[[-\d.,e+\s]+\]/g, (list) => `[${list.slice(1, -1).trim().replace(/\s+/g, ' ')}]`)}\n`;
const json = flag('json');
/** @type {Record<string, any>[]} */
const rows = [];
if (!json) console.log(`Seeds ${seeds[0]} to ${seeds.at(-1)}; means over seeds; "from" and "to" are what is tolerated`);

for (const name of chosen) {
  const { steps, values } = await measure(name);
  const now = Object.fromEntries(
    Object.entries(values).map(([arm, all]) => [arm, Object.fromEntries(QUANTITIES.map((one) => [one.key, summary(one, all[one.key])]))]),
  );
  // Read anew each time: another run may be writing other presets.
  const kept = readKept();
  if (flag('write')) {
    const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    const sources = ['--', 'src', 'Cargo.toml', 'Cargo.lock'];
    const changed = git('status', '--porcelain', ...sources) ? ' and changes' : '';
    kept.presets[name] = {
      measured: {
        date: new Date().toISOString().slice(0, 10),
        // The last one that touched what the program is made of.
        commit: git('log', '-1', '--format=%h', ...sources) + changed,
        how: `normscope train --preset ${name} --seed SEED --device cpu --set eval=10000 --json, native build`,
      },
      seeds,
      steps,
      arms: now,
    };
    // After every preset: a run that is stopped keeps what it has.
    kept.presets = Object.fromEntries(presets.filter((one) => kept.presets[one]).map((one) => [one, kept.presets[one]]));
    writeFileSync(REFERENCE, written({ ...kept, about: ABOUT }));
  }
  const reference = kept.presets[name];
  if (!json) console.log(`\n${name}, ${steps} steps${reference ? '' : ': not in tests/learning.json; --write puts it there'}`);
  if (!reference) {
    rows.push({ preset: name, what: 'reference', holds: false });
    continue;
  }
  if (reference.steps !== steps) {
    rows.push({ preset: name, what: 'steps', before: reference.steps, now: steps, holds: false });
    if (!json) console.log(`  FELL: the reference has ${reference.steps} steps; the preset has changed, --write measures it again`);
  }
  for (const arm of ['a', 'b']) {
    for (const quantity of QUANTITIES) {
      const row = { preset: name, arm, what: quantity.name, ...compare(quantity, reference.arms[arm][quantity.key], now[arm][quantity.key], reference.seeds.length) };
      rows.push(row);
      if (json) continue;
      const verdict = row.holds ? 'holds' : quantity.oneSided ? 'FELL' : 'MOVED';
      const what = `${arm.toUpperCase()} ${quantity.name}`.padEnd(20);
      console.log(`  ${what} was ${show(row.before).padStart(9)}  is ${show(row.now).padStart(9)}  from ${show(row.low).padStart(9)} to ${show(row.high).padStart(9)}  ${verdict}`);
    }
  }
}

const failed = rows.filter(({ holds }) => !holds);
if (json) console.log(JSON.stringify({ program, seeds, rows }, null, 2));
else {
  console.log(`\n${rows.length - failed.length} of ${rows.length} hold.`);
  for (const { preset, arm = '', what, before, now } of failed) console.log(`  ${preset} ${arm.toUpperCase()} ${what}: was ${show(before)}, is ${show(now)}`);
}
process.exit(failed.length ? 1 : 0);
