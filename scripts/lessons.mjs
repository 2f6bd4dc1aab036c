// Measures what static/lessons.json promises: trains each lesson's runs with the native program over several seeds and
// compares with the bands that the lesson shows, then checks the numbers that its other pages quote.
//
//   node scripts/lessons.mjs                       8 seeds, every lesson; exit code 1 when a band does not hold
//   node scripts/lessons.mjs --lesson norm-trap    one lesson
//   node scripts/lessons.mjs --seeds 3 --json      fewer seeds; one JSON document
//   options: --program PATH (default: target/native/normscope, else the one in ~/.cache/normscope), --first SEED
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLAIMS } from './lessons/claims.mjs';

const exec = promisify(execFile);
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const root = new URL('..', import.meta.url).pathname;
const built = [
  join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'native/normscope'),
  join(homedir(), '.cache/normscope/target/native/normscope'),
];
const program = option('program', built.find(existsSync));
const json = process.argv.includes('--json');
const only = option('lesson');
const first = Number(option('first', 7));
const seeds = Array.from({ length: Number(option('seeds', 8)) }, (_, i) => first + i);
if (!program || !existsSync(program)) {
  console.error('error: there is no native program. `cargo build --profile native` makes it, --program PATH names one.');
  process.exit(2);
}

/** What the program prints with --json, as an object. */
async function ask(...args) {
  const { stdout } = await exec(program, [...args, '--json', '--quiet'], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}

/** The lesson's reveals, each with the settings and the number of steps that led to it. */
function* reveals(lesson) {
  let { query } = lesson;
  let steps = 0;
  for (const page of lesson.pages) {
    if (page.query !== undefined) [query, steps] = [page.query, 0];
    if (page.kind === 'run') steps += page.steps;
    if (page.kind === 'reveal') yield { title: page.title, query, steps, measures: page.measure ?? [] };
  }
}

/** A measure's value in one run; undefined where it is missing. */
function valueOf(run, steps, { arm, metric, at, ratio }) {
  const of = (name) => {
    const { series } = run.arms.find((one) => one.arm === name);
    return series.find(({ step }) => step === (at === 'first' ? 0 : steps))?.[metric];
  };
  if (!ratio) return of(arm);
  const [above, below] = ratio.split('/');
  return of(above) / of(below);
}

/** Smallest, median and largest. */
function range(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return [sorted[0], (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2, sorted.at(-1)];
}

const rows = [];
/** Notes a measured value's range beside its band. */
function note(lesson, what, values, [low, high], digits, allowed = 0) {
  const missing = values.filter((value) => !Number.isFinite(value)).length;
  const [min, median, max] = range(values.filter(Number.isFinite));
  const holds = missing <= allowed && values.length > missing && min >= low && max <= high;
  rows.push({ lesson, what, min, median, max, low, high, holds, values });
  if (json) return;
  const show = (value) => (value === undefined ? '-' : Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(2) : value.toFixed(digits));
  const verdict = holds ? 'holds' : missing > allowed ? `FAILS: ${missing} missing` : 'FAILS';
  console.log(`  ${what.padEnd(54)} ${[min, median, max].map(show).join('  ').padEnd(34)} [${show(low)}, ${show(high)}]  ${verdict}`);
}

async function measureRuns(lesson) {
  const runs = new Map();
  for (const { title, query, steps, measures } of reveals(lesson)) {
    const key = `${query} ${steps}`;
    if (!runs.has(key)) {
      const all = [];
      for (const seed of seeds) all.push(await ask('train', '--url', `?${query}`, '--seed', String(seed), '--steps', String(steps)));
      runs.set(key, all);
    }
    if (!json) console.log(`  "${title}": ${query}, ${steps} steps`);
    for (const measure of measures) {
      const values = runs.get(key).map((run) => valueOf(run, steps, measure));
      const name = `${measure.label} (${[measure.metric, measure.ratio ?? measure.arm, measure.at].filter(Boolean).join(', ')})`;
      note(lesson.id, name, values, [measure.low, measure.high], (measure.digits ?? 2) + 1);
    }
  }
}

/** The numbers that pages quote from other rooms; `claims.mjs` says how each is measured. */
async function measureClaims(lesson) {
  for (const claim of CLAIMS.filter((one) => one.lesson === lesson.id)) {
    const documents = [];
    for (const seed of seeds.slice(0, claim.seeds ?? seeds.length)) {
      const folder = mkdtempSync(join(tmpdir(), 'normscope-lessons-'));
      try {
        // Studies take several seeds from the given one on, so that theirs lie apart.
        documents.push(await claim.run(ask, first + (seed - first) * (claim.apart ?? 1), folder));
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    if (!json) console.log(`  ${claim.name}`);
    for (const { what, value, low, high, digits, missing } of claim.values) note(lesson.id, what, documents.map(value), [low, high], digits ?? 3, missing);
  }
}

const { lessons } = JSON.parse(readFileSync(join(root, 'static/lessons.json'), 'utf8'));
const chosen = lessons.filter(({ id }) => !only || id === only);
if (!chosen.length) {
  console.error(`error: there is no lesson ${only}. There are ${lessons.map(({ id }) => id).join(', ')}.`);
  process.exit(2);
}
if (!json) console.log(`Seeds ${seeds[0]} to ${seeds.at(-1)}; smallest, median, largest; [band]`);
for (const lesson of chosen) {
  if (!json) console.log(`\n${lesson.id}`);
  await measureRuns(lesson);
  await measureClaims(lesson);
}
const failed = rows.filter(({ holds }) => !holds);
if (json) console.log(JSON.stringify({ program, seeds, rows }, null, 2));
else console.log(`\n${rows.length - failed.length} of ${rows.length} hold.`);
process.exit(failed.length ? 1 : 0);
