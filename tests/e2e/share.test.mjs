// Links, recorded runs, exports, figures that replay from a disk, interrupted runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { accessible, clean, download as downloadTo, fitsWidth, open, ready, send, series, state } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

/** Small networks: a run of seconds. */
const SMALL = 'device=cpu&steps=60&a.batch=16&b.batch=16&a.width=16&b.width=16';
const folder = mkdtempSync(join(tmpdir(), 'normscope-'));

/** Clicks something that downloads; the file's path. */
const download = (page, selector, timeout = 30_000) => downloadTo(folder, page, selector, timeout);

/** Drops a file on the page. */
async function drop(page, name, bytes) {
  await page.setInputFiles('.file-input', { name, mimeType: 'application/octet-stream', buffer: bytes });
}

/** What a sphere shows, as a number. */
const look = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector('.arm-a canvas.flat');
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let hash = 0;
    for (let i = 0; i < data.length; i += 7) hash = (hash * 31 + data[i]) | 0;
    return hash;
  });

test('the front page moves within a second, from a recorded run, before the engine and within 300 kB', async (t) => {
  const page = await host.page('about:blank'.slice(0, 0));
  const context = page.context();
  const fresh = await context.newPage();
  const cdp = await context.newCDPSession(fresh);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  let bytes = 0;
  const asked = [];
  cdp.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
  fresh.on('request', (request) => asked.push(request.url()));
  const begun = Date.now();
  await fresh.goto(host.address);
  await fresh.waitForFunction(() => window.normscope?.state().recorded, null, { timeout: 5000, polling: 20 });
  const first = await look(fresh);
  await fresh.waitForFunction(
    (first) => {
      const canvas = document.querySelector('.arm-a canvas.flat');
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let hash = 0;
      for (let i = 0; i < data.length; i += 7) hash = (hash * 31 + data[i]) | 0;
      return hash !== first;
    },
    first,
    { timeout: 5000, polling: 20 },
  );
  const took = Date.now() - begun;
  const paint = await fresh.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  t.diagnostic(`first paint ${paint?.toFixed(0)} ms, moving after ${took} ms, ${bytes} bytes`);
  assert.ok(paint < 1000, `first paint after ${paint} ms`);
  // Beside the browser itself on two cores; the page alone is quicker.
  assert.ok(took < 4000, `moving after ${took} ms`);
  await fresh.waitForTimeout(1500);
  assert.ok(bytes <= 300_000, `${bytes} bytes before the first interaction`);
  assert.ok(!asked.some((url) => /engine|lab|rooms/.test(url)), asked.join('\n'));
  assert.ok(asked.every((url) => url.startsWith(host.address)), asked.join('\n'));
  assert.equal((await fresh.evaluate(() => window.normscope.state().device)) ?? null, null);
});

test('the points move with the timeline, by hand and by themselves', async () => {
  // Without motion of its own the camera stands still: only points can change the picture.
  const page = await host.page('', { reducedMotion: 'reduce' });
  await page.waitForFunction(() => window.normscope?.state().recorded);
  await page.waitForTimeout(500);
  const pictures = [];
  for (const step of [0, 45, 600, 0]) {
    await send(page, { type: 'seek', step });
    await page.waitForTimeout(400);
    pictures.push(await look(page));
  }
  assert.equal(new Set(pictures).size, 3);
  assert.equal(pictures[0], pictures[3]);
  await page.click('#play');
  await page.waitForFunction(() => window.normscope.state().step > 20, null, { timeout: 20_000 });
  const early = await look(page);
  assert.notEqual(early, pictures[0]);
  const step = (await state(page)).step;
  await page.waitForFunction((step) => window.normscope.state().step > step + 30, step, { timeout: 20_000 });
  assert.notEqual(await look(page), early);
  clean(page);
});

test('play goes from the recorded run to a live one; scrubbing shows any step of it and comes back', async () => {
  const page = await host.page('?device=cpu');
  await page.waitForFunction(() => window.normscope?.state().recorded);
  const recorded = await state(page);
  assert.match(recorded.recorded.made_by, /^normscope /);
  await page.click('#train');
  await page.waitForFunction(() => window.normscope.state().running && window.normscope.state().step > 12, null, { timeout: 60_000 });
  assert.equal((await state(page)).recorded, null);
  await page.click('#play');
  await page.waitForFunction(() => !window.normscope.state().running);
  const done = (await state(page)).step;
  const live = (await state(page)).arms.a.metrics.knn;
  await page.focus('#scrub');
  await page.keyboard.press('Home');
  assert.equal((await state(page)).step, 0);
  assert.equal(await page.locator('#scrub').getAttribute('aria-valuetext'), 'step 0 of 600');
  await page.click('#live');
  assert.equal((await state(page)).step, done);
  assert.equal((await state(page)).arms.a.metrics.knn, live);
  clean(page);
});

test('one player: Play goes on with what is seen, and neither run is lost by a look at the other', async () => {
  const page = await host.page('?device=cpu&preset=byol-tuned');
  await page.waitForFunction(() => window.normscope?.state().recorded);
  const mode = (key) => page.click(`.transport [data-key=${key}]`);
  const name = () => page.locator('#play').innerText();
  const running = (wanted) => page.waitForFunction((wanted) => normscope.state().running === wanted, wanted);
  // The record moves by itself: the button holds it, and goes on with it.
  assert.equal(await name(), 'Pause');
  await page.click('#play');
  assert.equal(await name(), 'Play');
  const held = (await state(page)).step;
  await page.waitForTimeout(300);
  assert.equal((await state(page)).step, held);
  await page.focus('#scrub');
  await page.keyboard.press('End');
  const end = await state(page);
  assert.deepEqual([end.step, end.device], [400, null], 'a look at a record needs no engine');
  assert.match(await page.locator('#race').innerText(), /^B was sooner: kNN 89 % at step 130, A at step 250$/);
  assert.match(await page.locator('#result').innerText(), /Over 10 seeds.*AdamW alone/s);
  // Live: from step 0, by the same button.
  await mode('live');
  await page.waitForFunction(() => normscope.state().ready && !normscope.state().recorded, null, { timeout: 60_000 });
  assert.equal((await state(page)).step, 0);
  assert.match(await page.locator('#race').innerText(), /can be said from step 80 on/);
  await page.click('#play');
  await page.waitForFunction(() => normscope.state().step > 25, null, { timeout: 60_000 });
  await page.click('#play');
  await running(false);
  const live = await state(page);
  const losses = await series(page, 'a', 'loss');
  // There and back.
  await mode('recorded');
  await page.waitForFunction(() => normscope.state().recorded);
  assert.deepEqual((await state(page)).arms.a.metrics.knn, end.arms.a.metrics.knn);
  await mode('live');
  await page.waitForFunction(() => !normscope.state().recorded);
  const back = await state(page);
  assert.deepEqual([back.step, back.arms, back.batch_hash], [live.step, live.arms, live.batch_hash]);
  assert.deepEqual(await series(page, 'a', 'loss'), losses);
  // A run that goes on waits while the record is seen, and then goes on to the same end.
  await page.click('#play');
  await page.waitForFunction((step) => normscope.state().step > step + 10, live.step);
  await mode('recorded');
  await page.waitForFunction(() => normscope.state().recorded);
  await mode('live');
  await running(false);
  const { step } = await send(page, { type: 'step', steps: 5 });
  assert.ok(step > live.step + 15, `${step}`);
  const both = await series(page, 'b', 'loss');
  assert.equal(both.length, step);
  // Another preset, while a record is seen: its record, whatever the engine does.
  await mode('recorded');
  await page.waitForFunction(() => normscope.state().recorded);
  await page.selectOption('#preset', 'norm-trap');
  await page.waitForFunction(() => normscope.state().recorded?.steps === 600);
  assert.equal((await state(page)).config.preset, 'norm-trap');
  await mode('live');
  await page.waitForFunction(() => !normscope.state().recorded && normscope.state().step === 0);
  assert.equal((await send(page, { type: 'step', steps: 3 })).step, 3);
  clean(page);
});

test('at the end of a live run Play shows it again', async () => {
  const page = await host.page(`?${SMALL}`);
  await ready(page);
  const { steps } = (await state(page)).config;
  await send(page, { type: 'step', steps });
  assert.equal(await page.locator('#play').innerText(), 'Replay');
  assert.equal(await page.locator('.transport [data-key=recorded]').count(), 0, 'there is no record of these settings');
  await page.click('#play');
  await page.waitForFunction(() => normscope.state().step < 20);
  await page.waitForFunction((steps) => normscope.state().step === steps, steps, { timeout: 30_000 });
  assert.equal((await state(page)).notices.length, 0);
  clean(page);
});

test('a point of a record shows its picture and views; the record stays', async () => {
  const page = await host.page('', { reducedMotion: 'reduce' });
  await page.waitForFunction(() => window.normscope?.state().recorded);
  await page.locator('.arm-a canvas.flat').scrollIntoViewIfNeeded();
  const at = await page.waitForFunction(() => normscope.locate('a', 12));
  const [x, y] = await at.jsonValue();
  const box = await page.locator('.arm-a .canvases').boundingBox();
  // Pointed at first, as a hand does.
  await page.mouse.move(box.x + x, box.y + y);
  await page.locator('.inspector').waitFor();
  await page.mouse.click(box.x + x, box.y + y);
  await page.locator('.inspector .pictures figure').nth(2).waitFor({ timeout: 60_000 });
  assert.deepEqual(await page.locator('.inspector figcaption').allInnerTexts(), ['sample', 'view 1', 'view 2']);
  assert.equal(await page.locator('.inspector .neighbours').count(), 0, 'neighbours are those of a model that is here');
  assert.ok((await state(page)).recorded);
  clean(page);
});

test('a recorded run is a small file that replays the same, and is verified bit for bit', async () => {
  const page = await host.page(`?${SMALL}`);
  await ready(page);
  await send(page, { type: 'step', steps: 60 });
  const losses = await series(page, 'b', 'loss');
  await page.click('#open-export');
  const path = await download(page, '#export-trace');
  const bytes = readFileSync(path);
  assert.ok(bytes.length < 300_000, `${bytes.length} bytes`);
  await page.close();

  const other = await host.page('');
  await other.waitForFunction(() => window.normscope);
  await drop(other, 'run.trace', bytes);
  await other.waitForFunction(() => window.normscope.state().recorded?.steps === 60);
  const now = await state(other);
  assert.equal(now.device, null);
  assert.equal(now.config.a.width, 16);
  // Stored as f32: the same numbers again, exactly.
  assert.deepEqual((await series(other, 'b', 'loss')).map(Math.fround), losses.map(Math.fround));
  await other.click('#open-export');
  const again = readFileSync(await download(other, '#export-trace'));
  assert.ok(again.equals(bytes));
  await other.keyboard.press('Escape');

  await send(other, { type: 'set', device: 'cpu' });
  await other.click('#verify');
  await other.locator('#verified').waitFor({ timeout: 60_000 });
  assert.match(await other.locator('#verified').innerText(), /^Verified: all 60 steps came out bit for bit/);
  clean(other);
});

test('damaged, newer and foreign recorded runs are explained and nothing is lost', async () => {
  const page = await host.page('?device=cpu&seed=5');
  await page.waitForFunction(() => window.normscope);
  const bytes = readFileSync(join(process.env.NORMSCOPE_DIST ?? 'dist', 'traces/norm-trap.trace'));
  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1] ^= 16;
  const newer = Buffer.from(bytes);
  newer[4] = 200;
  const cases = [
    [flipped, /damaged/],
    [newer, /newer/],
    [Buffer.from('hello'), /not a recorded run/],
    [bytes.subarray(0, 900), /damaged/],
    [Buffer.alloc(0), /not a recorded run/],
  ];
  for (const [content, expected] of cases) {
    await drop(page, 'odd.trace', content);
    await page.waitForFunction((source) => window.normscope.state().notices.some((notice) => new RegExp(source).test(notice.message)), expected.source);
  }
  assert.equal((await state(page)).config.seed, 5);
  clean(page);
});

test('random settings come back from their link in a fresh browser, every one', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e6);
  let random = seed;
  const next = () => (random = (random * 1103515245 + 12345) % 2147483648) / 2147483648;
  const pick = (all) => all[Math.floor(next() * all.length)];
  for (let round = 0; round < 6; round += 1) {
    const page = await host.page('?embed=0');
    await page.waitForFunction(() => window.normscope);
    const settings = {
      method: pick(['simclr', 'byol', 'simsiam']),
      data: pick(['latent', 'digits']),
      seed: Math.floor(next() * 1e6),
      steps: 10 + Math.floor(next() * 1000),
      theme: pick(['light', 'dark', 'auto']),
      colour: pick(['class', 'norm']),
      shape: pick(['sphere', 'length']),
      device: 'cpu',
    };
    for (const arm of ['a', 'b']) {
      settings[`${arm}.lr`] = Number((10 ** (-4 + 4 * next())).toPrecision(3));
      settings[`${arm}.cut`] = Number((0.2 + 9 * next()).toFixed(2));
      settings[`${arm}.gradscale`] = pick([0, 0.5, 1, 2]);
      settings[`${arm}.wd`] = pick([0, 1e-6, 0.001, 0.01]);
      settings[`${arm}.dim`] = pick([2, 3, 8, 16]);
      settings[`${arm}.bn`] = pick(['on', 'off']);
      settings[`${arm}.opt`] = pick(['sgd', 'adamw']);
      settings[`${arm}.schedule`] = pick(['constant', 'cosine']);
    }
    await send(page, { type: 'set', ...settings });
    const set = await state(page);
    const link = await page.evaluate(() => location.href);
    await page.context().close();
    const other = await host.page(new URL(link).search);
    await other.waitForFunction(() => window.normscope);
    const found = await state(other);
    assert.deepEqual(found.config, set.config, `SEED=${seed}, round ${round}: ${link}`);
    assert.deepEqual(found.notices, [], `SEED=${seed}: ${link}`);
    clean(other);
    await other.context().close();
  }
});

test('a link of a newer version, a link that was cut off and a foreign lesson are explained, never a blank page', async () => {
  for (const [query, expected] of [
    ['?v=9&seed=4&warp=2', /newer Normscope/],
    ['?method=byol&a.lr=0.0', /a\.lr/],
    ['?method=by', /method/],
    [`?hide=${'x'.repeat(20_000)}`, /bytes/],
  ]) {
    const page = await host.page(query);
    await page.waitForFunction(() => window.normscope);
    const text = JSON.stringify((await state(page)).notices);
    assert.match(text, expected, query.slice(0, 40));
    assert.equal(await page.locator('.pane').count(), 2);
    clean(page);
  }
  const page = await host.page('?lesson=no-such-lesson');
  await page.getByText('There is no lesson').waitFor();
  clean(page);
});

test('every export opens in its own tool', async (t) => {
  const page = await host.page(`?${SMALL}`);
  await ready(page);
  await send(page, { type: 'step', steps: 30 });
  await page.click('#open-export');
  const png = async (path) => {
    const bytes = readFileSync(path);
    assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  };
  const well = (text) =>
    page.evaluate((text) => {
      const document = new DOMParser().parseFromString(text, 'image/svg+xml');
      return document.querySelector('parsererror') ? 0 : document.querySelectorAll('circle, path, polyline, text').length;
    }, text);

  const small = await png(await download(page, '#sphere-png'));
  await page.selectOption('section:has(#sphere-png) label:has-text("PNG scale") select', '4');
  const large = await png(await download(page, '#sphere-png'));
  assert.equal(large.width, 2 * small.width);
  const sphere = readFileSync(await download(page, '#sphere-svg'), 'utf8');
  const { n } = await page.evaluate(() => window.normscope.embeddings('a'));
  assert.ok((await well(sphere)) >= 2 * n, 'a point is missing');
  assert.match(sphere, /kNN \d/);
  const curve = readFileSync(await download(page, '#curve-svg'), 'utf8');
  assert.ok((await well(curve)) > 5);
  const picture = await png(await download(page, '#curve-png'));
  assert.ok(picture.width > 600);

  const csv = readFileSync(await download(page, '#export-csv'), 'utf8').trim().split('\n');
  assert.match(csv[0], /^arm,step,loss,knn,norm_mean/);
  assert.equal(csv.length, 1 + 2 * 4);
  const json = JSON.parse(readFileSync(await download(page, '#export-json'), 'utf8'));
  const [a] = json.arms;
  assert.equal(a.losses.length, 30);
  assert.equal(a.series.at(-1).step, json.steps);
  assert.equal(a.batch_hash, (await state(page)).arms.a.batch_hash);
  assert.deepEqual([json.seed, json.settings.a.width, a.arm, a.failure], [7, 16, 'a', null]);
  const bib = readFileSync(await download(page, '#export-bib'), 'utf8');
  assert.match(bib, /@misc\{normscope[\s\S]*a\.width=16[\s\S]*@inproceedings/);
  const npz = await download(page, '#export-npz');
  const model = await download(page, '#export-model');
  const script = await download(page, '#export-pytorch');
  assert.match(readFileSync(script, 'utf8'), /class GradScale\(torch\.autograd\.Function\)/);
  const python = process.env.NORMSCOPE_PYTHON;
  if (python) {
    const check = `
import sys, json, ast, numpy as np
from safetensors.numpy import load_file
z = np.load(sys.argv[1]); w = load_file(sys.argv[2]); ast.parse(open(sys.argv[3]).read())
print(json.dumps({"shape": list(z["a_z"].shape), "norm": float(abs(np.linalg.norm(z["a_z"], axis=1) - z["a_norm"]).max()), "weights": len(w), "labels": len(z["labels"])}))`;
    const found = JSON.parse(execFileSync(python, ['-c', check, npz, model, script], { encoding: 'utf8' }));
    assert.equal(found.shape[1], 16);
    assert.equal(found.shape[0], found.labels);
    assert.ok(found.norm < 1e-4 && found.weights > 10, JSON.stringify(found));
  } else {
    t.diagnostic('NORMSCOPE_PYTHON is not set: .npz and .safetensors were written but not opened with Python');
  }
  clean(page);
});

test('a figure saved as one HTML file replays from a disk with the network off', async () => {
  const page = await host.page(`?${SMALL}&method=byol`);
  await ready(page);
  await send(page, { type: 'step', steps: 60 });
  const shown = (await state(page)).arms.b.metrics;
  await page.click('#open-export');
  const path = await download(page, '#export-html');
  const size = readFileSync(path).length;
  assert.ok(size < 1_500_000, `${size} bytes`);
  await page.close();

  const context = await host.browser.newContext({ offline: true, viewport: { width: 1000, height: 800 } });
  const figure = await context.newPage();
  const problems = [];
  figure.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  figure.on('pageerror', (error) => problems.push(error.message));
  const asked = [];
  figure.on('request', (request) => asked.push(request.url()));
  await figure.goto(pathToFileURL(path).href);
  await figure.waitForFunction(() => window.normscope?.state().recorded, null, { timeout: 20_000 });
  const now = await state(figure);
  assert.equal(now.recorded.steps, 60);
  assert.equal(now.config.method, 'byol');
  await figure.focus('#scrub');
  await figure.keyboard.press('End');
  const end = await state(figure);
  assert.equal(end.step, 60);
  assert.ok(Math.abs(end.arms.b.metrics.knn - shown.knn) < 1e-6);
  const still = await look(figure);
  await figure.click('#play');
  await figure.waitForFunction(() => window.normscope.state().step > 3 && window.normscope.state().step < 60);
  assert.notEqual(await look(figure), still);
  // Nothing is offered that only the site has; what the file is stands above it.
  for (const gone of ['header.top', '.rooms', '.setup', '.settings', '#open-lessons', '#open-export', '#open-story', '.fetching']) {
    assert.equal(await figure.locator(gone).count(), 0, gone);
  }
  assert.equal(await figure.locator('h1').innerText(), 'Normscope: BYOL on Digits');
  assert.match(await figure.locator('.saved-head a').getAttribute('href'), /method=byol/);
  await figure.keyboard.press('2');
  await send(figure, { type: 'panel', name: 'lessons' }).catch(() => {});
  await figure.waitForTimeout(300);
  assert.equal(await figure.locator('.fetching, .notice').count(), 0);
  const link = await figure.locator('.recorded a').getAttribute('href');
  assert.match(link, /^http:\/\/localhost:\d+\/\?.*method=byol/);
  assert.deepEqual(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:') && !url.startsWith('blob:')), []);
  assert.deepEqual(problems, []);
  await context.close();
});

test('a run that a reload interrupted is offered, and goes on to the same end', async () => {
  const query = '?device=cpu&steps=400&speed=25&a.batch=16&b.batch=16&a.width=16&b.width=16';
  const context = await host.browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(host.address + query);
  await ready(page);
  await page.click('#play');
  await page.waitForFunction(() => window.normscope.state().step >= 30, null, { timeout: 60_000 });
  // Pausing keeps the run as it stands.
  await page.click('#play');
  await page.waitForFunction(() => !window.normscope.state().running);
  const stopped = (await state(page)).step;
  const before = await series(page, 'a', 'loss');
  await page.waitForTimeout(500);
  await page.reload();
  await page.locator('#resume-offer').waitFor();
  assert.match(await page.locator('#resume-offer').innerText(), new RegExp(`at step ${stopped} of 400`));
  await page.click('#resume');
  await page.waitForFunction((stopped) => window.normscope.state().step > stopped + 15, stopped, { timeout: 60_000 });
  await send(page, { type: 'pause' });
  const resumed = await series(page, 'a', 'loss');
  const steps = await page.evaluate(() => window.normscope.series('a', 'loss').steps);
  assert.deepEqual(steps, steps.map((_, index) => index + 1), 'a gap or a repeat');
  assert.deepEqual(resumed.slice(0, before.length).map(Math.fround), before.map(Math.fround));

  const other = await host.page(query.replace('speed=25', 'speed=0'));
  await ready(other);
  await send(other, { type: 'step', steps: resumed.length });
  const whole = await series(other, 'a', 'loss');
  assert.deepEqual(resumed.map(Math.fround), whole.slice(0, resumed.length).map(Math.fround));
  await context.close();
  clean(other);
});

test('earlier runs stay as ghosts and in a table; a rate can be changed while it trains', async () => {
  const page = await host.page(`?${SMALL}`);
  await ready(page);
  await send(page, { type: 'step', steps: 40 });
  await page.fill('[id="b.lr"]', '0.02');
  await page.keyboard.press('Tab');
  await page.locator('.runs tbody tr').waitFor();
  assert.match(await page.locator('.runs td.what').innerText(), /b\.lr = 0\.1/);
  assert.ok((await page.locator('.chart path.ghost.a').first().getAttribute('d')).length > 20);
  await page.check('#tweak');
  await send(page, { type: 'step', steps: 20 });
  await page.fill('[id="a.lr"]', '0.001');
  await page.keyboard.press('Tab');
  await page.locator('.changes').waitFor();
  assert.match(await page.locator('.changes').innerText(), /step 20: a\.lr 0\.1 to 0\.001/);
  assert.equal((await state(page)).step, 20);
  assert.equal((await send(page, { type: 'step', steps: 5 })).step, 25);
  await page.click('#tables');
  assert.ok((await page.locator('.numbers').first().locator('tbody tr').count()) >= 2);
  await accessible(page);
  await fitsWidth(page);
  clean(page);
});

test('the presets are cards with pictures, and choosing one shows its recorded run', async () => {
  const page = await host.page('');
  await page.waitForFunction(() => window.normscope?.state().recorded);
  await page.click('#open-presets');
  await page.waitForFunction(() => document.querySelectorAll('.card canvas').length >= 18, null, { timeout: 20_000 });
  await accessible(page);
  await page.click('.card:has-text("BYOL without batch norm")');
  await page.waitForFunction(() => window.normscope.state().recorded && window.normscope.state().config.preset === 'byol-collapse');
  assert.equal((await state(page)).device, null);
  assert.match(await page.evaluate(() => location.search), /^\?preset=byol-collapse/);
  clean(page);
});
