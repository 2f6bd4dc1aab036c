// Random and mutated links, each opened as a page of its own: never blank, never an error, and nothing of a link becomes markup.
// NORMSCOPE_URLS says how many, NORMSCOPE_FROM from which one on; of messages there are ten times as many, and at least 3,000.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { open, random } from './browser.mjs';

const COUNT = Number(process.env.NORMSCOPE_URLS ?? 120);
const FROM = Number(process.env.NORMSCOPE_FROM ?? 0);
const MESSAGES = Math.max(3000, 10 * COUNT);

const next = random(Number(process.env.NORMSCOPE_SEED ?? 20261126));
const pick = (all) => all[Math.floor(next() * all.length)];

const KEYS = ['v', 'preset', 'method', 'data', 'seed', 'steps', 'eval', 'speed', 'room', 'device', 'theme', 'embed', 'autoplay', 'hide', 'lock', 'colour', 'color', 'shape', 'lesson', 'q', 'x-y', ''];
const PARAMS = ['lr', 'wd', 'batch', 'width', 'depth', 'dim', 'tau', 'cut', 'gradscale', 'bn', 'opt', 'ema', 'warmup', 'momentum', 'loss', 'aug', 'power'];
const VALUES = [
  '0', '1', '-1', '2', '128', '1e308', '-1e308', 'NaN', 'inf', '1e-320', '999999999999999999999', '0x10', '1,5', '', ' ', 'on', 'off', 'simclr', 'byol', 'simsiam', 'digits', 'latent', 'shapes',
  'files', 'cpu', 'auto', 'dark', 'light', 'norm', 'class', 'playground', 'theory', 'diagnostics', 'experiments', 'anomalies', 'charts,header,settings', 'sgd', 'adamw', 'batch',
  '<script>window.pwned=1</script>', '"><img src=x onerror=window.pwned=1>', "javascript:window.pwned=1", '<svg/onload=window.pwned=1>', '{{constructor.constructor("window.pwned=1")()}}',
  '\u0000', '\u202e', '💥', '%', '%zz', '%00', '%ff%fe', '../../etc/passwd', 'https://example.com/', 'a'.repeat(300), '__proto__', 'constructor',
];
const BASES = JSON.parse(readFileSync('static/lessons.json', 'utf8'));
const LINKS = JSON.stringify(BASES).match(/(?:preset|method|data)=[a-z0-9=&.,_-]+/gi) ?? ['preset=digits-simclr'];

function key() {
  return next() < 0.5 ? pick(KEYS) : `${pick(['a', 'b', 'c', ''])}.${pick(PARAMS)}`;
}

/** A few bytes changed, left out or doubled. */
function mutated(text) {
  const letters = [...text];
  for (let times = 0; times < 1 + next() * 6; times++) {
    const at = Math.floor(next() * letters.length);
    const act = next();
    if (act < 0.4) letters[at] = String.fromCharCode(32 + Math.floor(next() * 95));
    else if (act < 0.7) letters.splice(at, 1);
    else letters.splice(at, 0, letters.slice(at, at + 8).join(''));
  }
  return letters.join('');
}

function link() {
  const raw = (value) => (next() < 0.7 ? encodeURIComponent(value) : value.replaceAll(/[#\u0000]/g, ''));
  if (next() < 0.4) return mutated(pick(LINKS));
  const pairs = Array.from({ length: 1 + Math.floor(next() * 8) }, () => `${raw(key())}=${raw(pick(VALUES))}`);
  return next() < 0.1 ? mutated(pairs.join('&')) : pairs.join('&');
}

/** What there is of the page, asked again and again: a page that has just been left can't answer. */
async function shown(page) {
  const found = () =>
    page
      .evaluate(() => ({
        pwned: window.pwned,
        foreign: document.querySelectorAll('.app script, .app iframe, .app [onerror], .app [onload]').length,
        // The headline is there whatever becomes of the rest.
        letters: ['.app', '.app #lead'].map((part) => document.querySelector(part)).map((part) => (part?.checkVisibility() ? part.innerText.trim().length : 0)).reduce((all, lead) => all - lead),
        notices: window.normscope?.state().notices.length,
        wide: document.documentElement.scrollWidth - innerWidth,
      }))
      .catch(() => ({ letters: 0 }));
  const until = Date.now() + 30_000;
  let now = await found();
  while ((now.letters <= 60 || now.notices === undefined) && Date.now() < until) {
    await new Promise((done) => setTimeout(done, 20));
    now = await found();
  }
  return now;
}

test(`${COUNT} random and mutated links`, async () => {
  const host = await open();
  const page = await host.page('', { reducedMotion: 'reduce' });
  for (let index = 0; index < COUNT; index++) {
    const query = link();
    if (index < FROM) continue;
    try {
      // A page that trains at once would only take time.
      await page.goto(`${host.address}?${query.replaceAll('autoplay', 'autoplayed')}`, { waitUntil: 'commit' });
      const now = await shown(page);
      assert.ok(now.letters > 60, `nothing to read: ${JSON.stringify(now)}`);
      assert.equal(now.pwned, undefined);
      assert.equal(now.foreign, 0);
      assert.ok(now.notices <= 6, `${now.notices} notices`);
      assert.ok(now.wide <= 0, `${now.wide} pixels too wide`);
      assert.deepEqual(page.problems, []);
    } catch (error) {
      throw new Error(`link ${index}, ?${query}: ${error.message}`, { cause: error });
    }
  }
});

test(`${MESSAGES} messages from elsewhere: whatever their shape, the figure answers in words or not at all`, async () => {
  const host = await open();
  const page = await host.page('about:blank');
  await page.route('**/host.html', (route) => route.fulfill({ contentType: 'text/html', body: `<iframe id="figure" src="${host.address}?embed=1"></iframe>` }));
  await page.goto(`${host.address}host.html`);
  const frame = page.frames().find((one) => one !== page.mainFrame());
  await frame.waitForFunction(() => window.normscope);
  const answers = await page.evaluate(async (count) => {
    const heard = [];
    addEventListener('message', ({ data }) => heard.push(data));
    const target = document.querySelector('#figure').contentWindow;
    let at = 7;
    const next = () => (at = (Math.imul(at, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const odd = [null, undefined, 0, -1, NaN, 1e308, '', 'a', '<img src=x onerror=parent.pwned=1>', [], {}, [[]], { type: {} }, new Date(), /x/, new Map(), new Uint8Array(9), true];
    const pick = () => odd[Math.floor(next() * odd.length)];
    const types = ['state', 'series', 'on', 'set', 'preset', 'seek', 'export', 'open', 'panel', 'nothing', '__proto__', 'constructor'];
    for (let index = 0; index < count; index++) {
      const message = next() < 0.2 ? pick() : { source: next() < 0.9 ? 'normscope' : pick(), v: next() < 0.9 ? 1 : pick(), id: index, type: next() < 0.8 ? types[Math.floor(next() * types.length)] : pick(), arm: pick(), metric: pick(), event: pick(), query: typeof pick() === 'string' ? pick() : 'method=byol', name: pick(), step: pick(), constructor: pick() };
      try { target.postMessage(message, '*'); } catch { /* not everything can be cloned */ }
      if (index % 200 === 0) await new Promise((done) => setTimeout(done, 0));
    }
    target.postMessage({ source: 'normscope', v: 1, id: 'last', type: 'state' }, '*');
    while (!heard.some((answer) => answer.id === 'last')) await new Promise((done) => setTimeout(done, 20));
    return { replies: heard.filter((answer) => answer.type === 'reply').length, wrong: heard.filter((answer) => answer.source !== 'normscope').length, pwned: window.pwned };
  }, MESSAGES);
  assert.ok(answers.replies > MESSAGES / 3);
  assert.equal(answers.wrong, 0);
  assert.equal(answers.pwned, undefined);
  assert.deepEqual(page.problems, []);
});
