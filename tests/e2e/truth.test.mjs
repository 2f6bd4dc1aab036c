// What is shown and saved is so: the sphere invents no angle, what needs a model uses the one in the picture, files say which
// step they are of, a refused file changes nothing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { clean, download as downloadTo, open, ready, send, series, state } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

const folder = mkdtempSync(join(tmpdir(), 'normscope-'));

/** Clicks something that downloads; the file's path. */
const download = (page, selector, timeout = 60_000) => downloadTo(folder, page, selector, timeout);

/** A page that shows its recorded run, held at a step. */
async function recorded(query, step) {
  const page = await host.page(query);
  await page.waitForFunction(() => window.normscope?.state().recorded);
  await send(page, { type: 'seek', step });
  return page;
}

/** The sphere's radius, and the largest distance of two of its points in radii, of each arm of an SVG picture. */
function extents(svg) {
  const groups = svg.split('<g transform=').slice(1);
  return groups.map((group) => {
    const circles = [...group.matchAll(/<circle cx="([-\d.]+)" cy="([-\d.]+)" r="([-\d.]+)" fill="([^"]+)"/g)];
    const radius = Number(circles.find(([, , , , fill]) => fill.startsWith('url'))[3]);
    const points = circles.filter(([, , , , fill]) => fill.startsWith('#')).map(([, x, y]) => [Number(x), Number(y)]);
    let widest = 0;
    for (const a of points) for (const b of points) widest = Math.max(widest, Math.hypot(a[0] - b[0], a[1] - b[1]));
    return { n: points.length, widest: widest / radius };
  });
}

/** The largest angle between an embedding and the mean direction, degrees. */
const widestAngle = (page, arm) =>
  page.evaluate(async (arm) => {
    const { n, dim, z, norm } = await window.normscope.embeddings(arm);
    const unit = Array.from({ length: n }, (_, i) => Array.from(z.slice(i * dim, (i + 1) * dim), (x) => x / norm[i]));
    const mean = unit[0].map((_, k) => unit.reduce((sum, row) => sum + row[k] / n, 0));
    const length = Math.hypot(...mean);
    return Math.max(...unit.map((row) => Math.acos(Math.min(1, row.reduce((sum, x, k) => sum + (x * mean[k]) / length, 0))))) * (180 / Math.PI);
  }, arm);

test('a collapsed model is one spot, recorded and live, and a trained one is not', async () => {
  const page = await recorded('?preset=byol-collapse&shape=sphere&device=cpu', 120);
  const wanted = (await state(page)).step;
  await page.waitForTimeout(600);
  await page.click('#open-export');
  for (const { n, widest } of extents(readFileSync(await download(page, '#sphere-svg'), 'utf8'))) {
    assert.ok(n > 100 && widest < 0.1, `${n} points, ${widest} radii apart`);
  }
  assert.match(await page.locator('.arm-a .drawn').innerText(), /^3 of 16 dimensions, \d+ % of the spread/);
  // The same live: what the picture says is what the embeddings are.
  await send(page, { type: 'live' });
  assert.equal((await state(page)).step, wanted);
  assert.ok((await widestAngle(page, 'a')) < 2);
  await page.waitForTimeout(800);
  for (const { widest } of extents(readFileSync(await download(page, '#sphere-svg'), 'utf8'))) assert.ok(widest < 0.2, `${widest}`);
  clean(page);

  const trained = await recorded('?preset=digits-simclr&shape=sphere', 600);
  await trained.waitForTimeout(600);
  await trained.click('#open-export');
  for (const { widest } of extents(readFileSync(await download(trained, '#sphere-svg'), 'utf8'))) assert.ok(widest > 1.2, `${widest}`);
  clean(trained);
});

test('a picture says the step that it shows, and that step’s numbers', async () => {
  const page = await recorded('?preset=byol-tuned', 0);
  await page.waitForTimeout(400);
  const [first, ...later] = await series(page, 'a', 'knn');
  await page.click('#open-export');
  const svg = readFileSync(await download(page, '#sphere-svg'), 'utf8');
  assert.ok(svg.includes(`>step 0, kNN ${(100 * first).toFixed(1)} %`), svg.match(/>step [^<]*/)?.[0]);
  for (const words of ['>BYOL on Digits, seed 7<', '>No GradScale<', '>GradScale power p = 0 · Learning rate = 0.2<', '>9<']) assert.ok(svg.includes(words), words);
  assert.notEqual((100 * first).toFixed(1), (100 * later.at(-1)).toFixed(1));
  assert.match(svg, /seed 7\. http/);
  assert.match(svg, /3 of 16 dimensions, \d+ % of the spread/);
  clean(page);
});

test('what needs a model trains it up to the step that is shown, on a click, and says so', async (t) => {
  const page = await recorded('?preset=digits-simclr&device=cpu', 40);
  await page.click('#open-export');
  await page.click('#export-npz');
  await page.locator('.gate:has-text("recorded run at step 40")').waitFor();
  assert.match(await page.locator('#gate-train').innerText(), /Train it here \(about \d+ s\)/);
  // Nothing has happened to the picture yet.
  assert.equal((await state(page)).step, 40);
  assert.ok((await state(page)).recorded);
  const path = await download(page, '#gate-train', 120_000);
  const now = await state(page);
  assert.equal(now.step, 40);
  assert.equal(now.recorded, null);
  const model = await download(page, '#export-model');
  const header = JSON.parse(readFileSync(model).subarray(8, 8 + Number(readFileSync(model).readBigUInt64LE(0))).toString());
  assert.equal(header.__metadata__['a.step'], '40');
  assert.equal(header.__metadata__.seed, '7');
  const python = process.env.NORMSCOPE_PYTHON;
  if (python) {
    const check = 'import sys, json, numpy as np; z = np.load(sys.argv[1]); print(json.dumps([json.loads(str(z["metadata"])), float(np.median(z["a_norm"]))]))';
    const [about, norm] = JSON.parse(execFileSync(python, ['-c', check, path], { encoding: 'utf8' }));
    assert.deepEqual(about.steps, { a: 40, b: 40 });
    assert.equal(about.seed, 7);
    assert.ok(Math.abs(norm - now.arms.a.metrics.norm_q50) < 1e-3 * norm);
  } else {
    t.diagnostic('NORMSCOPE_PYTHON is not set: the .npz was not opened');
  }
  // Scrubbed back in the live run: the same question, with a way to take the latest.
  await page.keyboard.press('Escape');
  await page.focus('#scrub');
  await page.keyboard.press('Home');
  await page.click('#open-export');
  await page.click('#export-npz');
  await page.locator('.gate:has-text("show step 0, but the model is at step 40")').waitFor();
  await download(page, '#gate-latest');
  assert.equal((await state(page)).step, 40);
  clean(page);
});

test('the diagnosis of a recorded run is of the step that is shown', async () => {
  const page = await recorded('?preset=digits-simclr&device=cpu', 30);
  await page.click('nav.rooms a:has-text("diagnostics")');
  await page.click('#diagnose-b');
  await page.click('#gate-train', { timeout: 20_000 });
  await page.locator('h3:has-text("Diagnosis of arm B at step 30")').waitFor({ timeout: 120_000 });
  clean(page);
});

test('a point of a recorded run says what its picture needs, and gets it on a click', async () => {
  const page = await recorded('?preset=digits-simclr&device=cpu', 10);
  await page.waitForTimeout(500);
  await page.focus('.arm-a canvas.flat');
  await page.keyboard.press('ArrowRight');
  await page.locator('.inspector:has-text("need a live run")').waitFor();
  assert.equal(await page.locator('.inspector canvas').count(), 0);
  await page.click('#train-here');
  await page.waitForFunction(() => window.normscope.state().recorded === null && window.normscope.state().step === 10, null, { timeout: 60_000 });
  // Still the same point, now with its picture.
  await page.locator('.inspector canvas').first().waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('#train-here').count(), 0);
  clean(page);
});

test('slow motion of a recorded run begins at the step that is shown', async () => {
  const page = await recorded('?preset=digits-simclr&device=cpu', 12);
  await send(page, { type: 'panel', name: 'story' });
  await page.click('#story-step');
  assert.ok((await state(page)).recorded);
  await page.click('#gate-train', { timeout: 20_000 });
  await page.locator('.story-page').waitFor({ timeout: 120_000 });
  assert.equal((await state(page)).step, 13);
  clean(page);
});

test('refused data leaves the recorded run where it is', async () => {
  const page = await recorded('?preset=digits-simclr&device=cpu', 50);
  await page.setInputFiles('.file-input', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no pictures') });
  await page.waitForFunction(() => window.normscope.state().notices.some((notice) => notice.input.includes('notes.txt')), null, { timeout: 60_000 });
  await page.waitForTimeout(300);
  const now = await state(page);
  assert.ok(now.recorded);
  assert.equal(now.step, 50);
  assert.equal(now.config.preset, 'digits-simclr');
  clean(page);
});

test('a refused embeddings file leaves the earlier report under its own name', async () => {
  const page = await host.page('?device=cpu&room=diagnostics');
  const row = (i) => `${Math.sin(i) * 9},${Math.cos(i * 1.7) * 9},${Math.sin(i * 0.3)},class ${i % 3}`;
  const good = Buffer.from(['u,v,w,label', ...Array.from({ length: 200 }, (_, i) => row(i))].join('\n'));
  const input = page.locator('.embeddings-input');
  await input.setInputFiles({ name: 'good.csv', mimeType: 'text/csv', buffer: good });
  await page.locator('h3:has-text("Diagnosis of good.csv")').waitFor({ timeout: 60_000 });
  const numbers = await page.locator('.answer .facts').innerText();
  await input.setInputFiles({ name: 'bad.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await page.locator('.problem:has-text("bad.txt")').waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('.about h3').innerText(), 'Earlier diagnosis of good.csv');
  assert.equal(await page.locator('.answer .facts').innerText(), numbers);
  assert.equal(await page.locator('.about.stale').count(), 1);
  clean(page);
});

test('a diagnosis whose settings have changed since is an earlier one, and tells of classes and of both ends', async () => {
  const page = await host.page('?device=cpu&room=diagnostics');
  const row = (i) => `${Math.sin(i) * 9},${Math.cos(i * 1.7) * 9},${Math.sin(i * 0.3)},class ${i % 3}`;
  const good = Buffer.from(['u,v,w,label', ...Array.from({ length: 200 }, (_, i) => row(i))].join('\n'));
  await page.locator('.embeddings-input').setInputFiles({ name: 'good.csv', mimeType: 'text/csv', buffer: good });
  await page.locator('h3:text-is("Diagnosis of good.csv")').waitFor({ timeout: 60_000 });
  assert.deepEqual(await page.locator('.answer .sheet h4, .answer .sheet summary').allInnerTexts(), [
    'Norms by class, the shortest first', 'The shortest embeddings', 'The longest embeddings',
  ]);
  await page.click('.sheet.folded summary >> nth=0');
  assert.equal(await page.locator('.sheet.folded[open] tbody tr').count(), 10);
  await page.selectOption('#diagnose-loss', 'cosine');
  await page.locator('.about.stale h3:text-is("Earlier diagnosis of good.csv")').waitFor();
  await page.selectOption('#diagnose-loss', 'ntxent');
  await page.locator('.about:not(.stale) h3:text-is("Diagnosis of good.csv")').waitFor();
  clean(page);
});
