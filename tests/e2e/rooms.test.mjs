// The rooms besides the playground: each opens by link and by key, does its work on the CPU, and can be cancelled.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accessible, clean, fitsWidth, open, ready, send } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

/** Nothing sticks out to the side, and the accessibility checker finds nothing. */
async function fits(page) {
  await fitsWidth(page);
  await accessible(page);
}

test('rooms open by their links, by the keys 1, 2, ..., and the back button leads back', async () => {
  const page = await host.page('?device=cpu');
  await ready(page);
  await page.click('nav.rooms a:has-text("Gradient lab")');
  await page.waitForFunction(() => location.search.includes('room=gradient'));
  await page.locator('.room.gradient').waitFor();
  assert.ok(!(await page.locator('.stage').isVisible()));
  // The link has the focus; keys work all the same.
  await page.keyboard.press('3');
  await page.waitForFunction(() => location.search.includes('room=diagnostics'));
  await page.goBack();
  await page.waitForFunction(() => window.normscope.state().config.room === 'gradient');
  await page.goBack();
  await page.waitForFunction(() => window.normscope.state().config.room === 'playground');
  assert.ok(await page.locator('.stage').isVisible());
  // Training went on being the same run.
  assert.equal((await send(page, { type: 'step', steps: 2 })).step, 2);
  clean(page);
});

test('the vectors follow the keyboard, and the numbers follow the vectors', async () => {
  const page = await host.page('?device=cpu&room=gradient');
  const first = page.locator('.plane .handle.first');
  const lengths = () => page.locator('.facts div:has(dt:text("Gradient length")) dd').innerText().then((text) => text.split(' and ').map(Number));
  const [before] = await lengths();
  const norm = Number(await first.getAttribute('aria-valuenow'));
  await first.focus();
  for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowUp');
  const [after] = await lengths();
  const longer = Number(await first.getAttribute('aria-valuenow'));
  assert.ok(longer > norm * 1.3);
  // sin(phi)/|z|: the product with the norm stays.
  assert.ok(Math.abs(after * longer - before * norm) < 0.01 * before * norm, `${before} ${norm} ${after} ${longer}`);
  // With p = 1 the length no longer follows the norm.
  await page.locator('#lab-power').fill('1');
  const [flat] = await lengths();
  await first.focus();
  for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowDown');
  assert.ok(Math.abs((await lengths())[0] - flat) < 2e-3);
  clean(page);
});

for (const simulation of ['norm-sweep', 'opposite-halves', 'growth', 'exposure', 'imbalance', 'density']) {
  test(`the simulation ${simulation} runs in the page within a minute and shows measured against expected`, async () => {
    const page = await host.page('?device=cpu&room=gradient');
    const begun = Date.now();
    await page.click(`.choices button[data-key=${simulation}]`);
    await page.locator('.answer .figure').first().waitFor({ timeout: 60_000 });
    assert.ok(Date.now() - begun < 60_000);
    assert.ok((await page.locator('.answer .summary li').count()) >= 1);
    assert.ok((await page.locator('.figure svg circle, .figure svg path, .figure svg rect').count()) > 3);
    if (simulation === 'norm-sweep') {
      await fits(page);
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Save numbers (JSON)')]);
      const report = JSON.parse(readFileSync(await download.path(), 'utf8'));
      assert.equal(report.simulation, simulation);
    }
    clean(page);
  });
}

test('a simulation can be cancelled and started again', async () => {
  const page = await host.page('?device=cpu&room=gradient');
  await page.click('.choices button[data-key=imbalance]');
  await page.click('#rooms .check input');
  await page.locator('.simulations .job button:has-text("Cancel")').click();
  await page.locator('.simulations .job button.primary').waitFor();
  assert.equal(await page.locator('.answer').count(), 0);
  await page.click('.choices button[data-key=opposite-halves]');
  await page.click('#rooms .check input');
  await page.locator('.answer .figure').first().waitFor({ timeout: 60_000 });
  clean(page);
});

test('the model in the playground is diagnosed, with a report to keep', async () => {
  const page = await host.page('?device=cpu&room=diagnostics');
  await ready(page);
  await send(page, { type: 'step', steps: 30 });
  await page.click('#diagnose-a');
  await page.locator('.answer .verdict').waitFor({ timeout: 60_000 });
  const numbers = await page.locator('.answer .facts').innerText();
  // The gradient's length goes as 1/|z|, through the real model.
  assert.match(numbers, /-1\.000\d \(theory -1\)/);
  assert.match(numbers, /kNN accuracy/);
  assert.equal(await page.locator('.answer .figure').count(), 2);
  // The histogram's bars stand on the axis, and the highest one is high.
  const bars = await page.locator('.answer .figure rect.column').evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect()));
  assert.ok(bars.length > 10 && Math.max(...bars.map((bar) => bar.height)) > 150, JSON.stringify(bars[0]));
  assert.ok(bars.every((bar) => Math.abs(bar.bottom - bars[0].bottom) < 0.5));
  await page.click('#diagnose-b');
  await page.waitForFunction(() => /(^|\D)-?0\.000\d \(theory [+-]0\)/.test(document.querySelector('.answer .facts')?.innerText ?? ''));
  await fits(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Save report (HTML)')]);
  assert.match(readFileSync(await download.path(), 'utf8'), /^<!doctype html>/);
  clean(page);
});

test('embeddings files are diagnosed, and bad ones are named and explained', async () => {
  const page = await host.page('?device=cpu&room=diagnostics');
  const csv = (row) => Buffer.from(Array.from({ length: 200 }, (_, i) => row(i)).join('\n'));
  const good = csv((i) => `${Math.sin(i) * 9},${Math.cos(i * 1.7) * 9},${Math.sin(i * 0.3)},class ${i % 3}`);
  const named = Buffer.concat([Buffer.from('u,v,w,label\n'), good]);
  const input = page.locator('.embeddings-input');
  await input.setInputFiles({ name: 'good.csv', mimeType: 'text/csv', buffer: named });
  await page.locator('.answer .verdict').waitFor({ timeout: 60_000 });
  assert.match(await page.locator('.room h3:has-text("Diagnosis of")').innerText(), /good\.csv/);
  const pickled = Buffer.concat([Buffer.from([0x93]), Buffer.from("NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (3, 2), }           \n")]);
  const bad = [
    ['empty.npy', Buffer.alloc(0)],
    ['pickled.npy', pickled],
    ['ragged.csv', Buffer.from('1,2,3\n4,5\n')],
    ['text.safetensors', Buffer.from('no tensors here')],
  ];
  for (const [name, buffer] of bad) {
    await input.setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
    await page.locator(`.problem:has-text("${name}")`).waitFor({ timeout: 20_000 });
    assert.ok((await page.locator('.problem').innerText()).length > 30);
  }
  // The last good answer is still there.
  assert.ok(await page.locator('.answer .verdict').isVisible());
  clean(page);
});

test('the rooms fit a phone', async () => {
  for (const room of ['gradient', 'diagnostics', 'anomalies', 'experiments']) {
    const page = await host.page(`?device=cpu&room=${room}&theme=dark`, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await page.locator('.room').waitFor();
    await fits(page);
    clean(page);
  }
});

test('anomalies: models are trained and measured within a minute, shown kind by kind, and a drawn input is placed', async () => {
  const page = await host.page('?device=cpu&room=anomalies');
  const begun = Date.now();
  await page.click('.anomalies .job button.primary');
  await page.locator('.anomalies .job progress').waitFor();
  await page.locator('.anomalies .job button.primary').waitFor({ timeout: 120_000 });
  assert.ok(Date.now() - begun < 60_000, `${Date.now() - begun} ms`);
  assert.match(await page.locator('.anomalies .verdict').innerText(), /the norm has an AUROC of 0\.\d+, the untrained network's norm 0\.\d+/);
  assert.equal(await page.locator('.anomalies .figure').count(), 2);
  const title = () => page.locator('.anomalies .figure figcaption').first().innerText();
  const before = await title();
  await page.selectOption('#anomaly-kind', 'noise');
  assert.notEqual(await title(), before);
  const cell = () => page.locator('.anomalies .sheet table tbody tr').first().innerText();
  const embedding = await cell();
  await page.click('.anomalies .segmented button[data-key=backbone]');
  assert.notEqual(await cell(), embedding);
  assert.ok((await page.locator('.gallery li.outside').count()) > 3);
  const norms = (await page.locator('.gallery li small').allInnerTexts()).map(Number);
  assert.deepEqual(norms, [...norms].sort((a, b) => a - b));
  // Draw a stroke, then noise: both land somewhere.
  await page.locator('.pad').scrollIntoViewIfNeeded();
  const pad = await page.locator('.pad canvas').first().boundingBox();
  await page.mouse.move(pad.x + 100, pad.y + 30);
  await page.mouse.down();
  await page.mouse.move(pad.x + 100, pad.y + 170, { steps: 8 });
  await page.mouse.up();
  await page.locator('.landing').waitFor();
  assert.equal(await page.locator('.pad .neighbours li').count(), 5);
  const drawn = await page.locator('.landing').innerText();
  await page.click('.anomalies .segmented button[data-key=projector]');
  await page.click('#pad-noise');
  await page.waitForFunction((drawn) => document.querySelector('.landing')?.innerText !== drawn, drawn);
  await fits(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.anomalies button:has-text("Save CSV")').first().click()]);
  assert.match(readFileSync(await download.path(), 'utf8'), /^variant,features,score,kind,auroc/);
  clean(page);
});

test('experiments: the study is quick, keeps what it has when cancelled, and goes on to its end', async () => {
  const page = await host.page('?device=cpu&room=experiments');
  await page.click('.experiments .job button.primary');
  const begun = Date.now();
  // The first seed's grid, a third of the study, is there before it ends.
  await page.locator('.experiments .sheet table tbody tr').nth(2).waitFor({ timeout: 60_000 });
  const third = Date.now() - begun;
  assert.ok(3 * third < 90_000, `a third took ${third} ms`);
  await page.click('.experiments .job button:has-text("Cancel")');
  const runs = () => page.locator('.experiments .facts div:has(dt:text("Runs")) dd').innerText();
  const [done, planned] = (await runs()).match(/(\d+) of (\d+)/).slice(1).map(Number);
  assert.ok(done >= planned / 3 && done < planned, `${done} of ${planned}`);
  await page.click('.experiments .job button:has-text("Continue")');
  await page.waitForFunction(() => /(\d+) of \1,/.test(document.querySelector('.experiments .facts').innerText), null, { timeout: 120_000 });
  // The default study can answer: no best rate lies at the grid's edge, and what has no seeds enough has no interval.
  assert.match(await page.locator('.experiments .verdict').innerText(), /each at its own best learning rate/);
  assert.match(await page.locator('.experiments .sheet .hint').first().innerText(), /above 1 the variant is faster/);
  assert.equal(await page.locator('.experiments .sheet').count(), 4);
  await fits(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.experiments button:has-text("Save CSV")').first().click()]);
  assert.match(readFileSync(await download.path(), 'utf8'), /^variant,level,knn,rate/);
  clean(page);
});

test('a study that can not be run says what would be right', async () => {
  const page = await host.page('?device=cpu&room=experiments');
  await page.fill('#accelerate-rates', '0.3, fast');
  await page.keyboard.press('Enter');
  await page.click('.experiments .job button.primary');
  await page.locator('.experiments .problem:has-text("rates: must be finite numbers")').waitFor({ timeout: 60_000 });
  clean(page);
});

test('the benchmark measures model after model, can be cancelled, and is copied as Markdown', async () => {
  const page = await host.page('?device=cpu', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.waitForFunction(() => window.normscope);
  await send(page, { type: 'panel', name: 'bench' });
  await page.click('#bench-quick');
  await page.waitForFunction(() => document.querySelectorAll('.panel .sheet tbody tr').length >= 2, null, { timeout: 120_000 });
  const cells = await page.locator('.panel .sheet tbody tr').first().locator('td, th').allInnerTexts();
  assert.deepEqual(cells.slice(0, 2), ['latent', 'simclr']);
  assert.ok(Number(cells[5]) > 0.1, cells.join(' '));
  await fits(page);
  await page.click('#bench-copy');
  await page.getByText('Copied', { exact: true }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^Normscope [\s\S]*- Adapter: CPU[\s\S]*\| Data \| Method \|[\s\S]*\| latent \| simclr \|/);
  await page.getByRole('button', { name: 'Cancel' }).click();
  clean(page);
});
