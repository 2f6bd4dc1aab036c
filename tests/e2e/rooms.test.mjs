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
      // Each prediction has its series' colour, and the legend says so once.
      const dashed = page.locator('.figure svg path.line.dashed');
      const colours = await dashed.evaluateAll((all) => all.map((path) => getComputedStyle(path).color));
      assert.ok(colours.length === 3 && new Set(colours).size === 3, colours.join(' '));
      assert.equal(await page.locator('.figure-legend li:has-text("predicted")').count(), 1);
      assert.match(await page.locator('.answer .summary li').first().innerText(), /its exponent: [\d.]+, as expected \([\d.]+ to [\d.]+\)\.$/);
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
  await page.locator('.example-mark').waitFor();
  // It is busy at once, and the example goes when the reader's own diagnosis comes.
  const busy = await page.evaluate(() => {
    document.querySelector('#diagnose-a').click();
    return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(Boolean(document.querySelector('.room .job progress'))))));
  });
  assert.ok(busy);
  await page.locator('.example-mark').waitFor({ state: 'detached', timeout: 60_000 });
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
  await page.locator('.room h3:has-text("good.csv")').waitFor({ timeout: 60_000 });
  assert.equal(await page.locator('.example-mark').count(), 0);
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
    if (room !== 'gradient') await page.locator('.example-mark').waitFor();
    await fits(page);
    clean(page);
  }
});

/** Strokes on the drawing pad, as shares of its side. */
async function draw(page, ...strokes) {
  await page.locator('.pad').scrollIntoViewIfNeeded();
  const pad = await page.locator('.pad canvas').first().boundingBox();
  for (const [[x, y], ...more] of strokes) {
    await page.mouse.move(pad.x + x * pad.width, pad.y + y * pad.height);
    await page.mouse.down();
    for (const [x, y] of more) await page.mouse.move(pad.x + x * pad.width, pad.y + y * pad.height, { steps: 8 });
    await page.mouse.up();
  }
}

for (const room of ['diagnostics', 'anomalies', 'experiments']) {
  test(`${room}: opens with a recorded example that is marked as one, and with its tables folded`, async () => {
    const page = await host.page(`?device=cpu&room=${room}`);
    const mark = page.locator('.room .example-mark');
    await mark.waitFor();
    assert.match(await mark.innerText(), /^Recorded example\.\s+.+ Measured on \d{4}-\d\d-\d\d with normscope .+, not on your device/);
    assert.ok((await page.locator('.room .verdict').innerText()).length > 20);
    assert.ok((await page.locator('.room .figure').count()) >= 1);
    if (room !== 'diagnostics') assert.equal(await page.locator('.room table:visible').count(), 0);
    // It is nobody's to keep as their own.
    assert.equal(await page.locator('.room .documents button').count(), 0);
    // No model was trained for it, and none of it belongs to the page's first load.
    assert.deepEqual(page.requests.filter((url) => /engine/.test(url)), []);
    await fits(page);
    clean(page);
  });
}

test('anomalies: the pad answers at once, in words, with the shipped model', async () => {
  const page = await host.page('?device=cpu&room=anomalies');
  await page.locator('.example-mark').waitFor();
  const norms = (await page.locator('.gallery li small').allInnerTexts()).map(Number);
  assert.ok(norms.length > 20);
  assert.deepEqual(norms, [...norms].sort((a, b) => a - b));
  assert.match(await page.locator('.first').innerText(), /never seen 0, 1\./);
  const begun = Date.now();
  // A seven: known, and as long as usual.
  await draw(page, [[0.25, 0.15], [0.75, 0.15], [0.45, 0.9]]);
  await page.locator('.landing').waitFor();
  assert.ok(Date.now() - begun < 10_000, `${Date.now() - begun} ms`);
  assert.match(await page.locator('.landing').innerText(), /^As long as usual: longer than \d+ % of known digits\.$/);
  assert.equal(await page.locator('.pad .neighbours li').first().locator('span').innerText(), '7');
  assert.equal(await page.locator('#figure-anomaly-pad .figure-legend li:has-text("your drawing")').count(), 1);
  await page.click('#pad-noise');
  await page.locator('.landing.unusual').waitFor();
  assert.match(await page.locator('.landing').innerText(), /^Unusual: shorter than (\d+ % of|all) known digits\.$/);
  await page.getByRole('button', { name: 'Clear' }).click();
  assert.equal(await page.locator('.landing').count(), 0);
  await fits(page);
  clean(page);
});

test('anomalies: models are trained and measured within a minute, shown kind by kind, and a drawn input is placed', async () => {
  const page = await host.page('?device=cpu&room=anomalies');
  await page.locator('.example-mark').waitFor();
  const begun = Date.now();
  await page.click('.anomalies .job button.primary');
  await page.locator('.anomalies .job .left').waitFor();
  // A stroke while it trains is answered, by the shipped model, and it is said so.
  await draw(page, [[0.5, 0.15], [0.5, 0.85]]);
  await page.locator('.landing').waitFor();
  assert.match(await page.locator('.pad-side').innerText(), /recorded example's model answers|known samples/);
  await page.locator('.anomalies .job button.primary').waitFor({ timeout: 120_000 });
  assert.ok(Date.now() - begun < 60_000, `${Date.now() - begun} ms`);
  // The reader's own result has taken the example's place, also under the stroke, and the next run's time is known.
  assert.equal(await page.locator('.example-mark').count(), 0);
  await page.locator('.landing:has-text("known samples")').waitFor();
  assert.match(await page.locator('.anomalies .takes').innerText(), /on this device, an estimate/);
  assert.match(await page.locator('.anomalies .verdict').innerText(), /the norm has an AUROC of 0\.\d+, the untrained network's norm 0\.\d+/);
  const figures = page.locator('.anomalies .figures .figure');
  assert.equal(await figures.count(), 2);
  const title = () => figures.first().locator('figcaption').innerText();
  const before = await title();
  await page.selectOption('#anomaly-kind', 'noise');
  assert.notEqual(await title(), before);
  const cell = () => page.locator('.anomalies .sheet table tbody tr').first().textContent();
  const embedding = await cell();
  await page.click('.anomalies .segmented button[data-key=backbone]');
  assert.notEqual(await cell(), embedding);
  assert.ok((await page.locator('.gallery li.outside').count()) > 3);
  const norms = (await page.locator('.gallery li small').allInnerTexts()).map(Number);
  assert.deepEqual(norms, [...norms].sort((a, b) => a - b));
  assert.equal(await page.locator('.pad .neighbours li').count(), 5);
  const drawn = await page.locator('.pad-side').innerText();
  await page.click('.anomalies .segmented button[data-key=projector]');
  await page.click('#pad-noise');
  await page.waitForFunction((drawn) => document.querySelector('.pad-side')?.innerText !== drawn, drawn);
  await fits(page);
  await page.locator('.anomalies details.sheet summary').first().click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.anomalies button:has-text("Save CSV"):visible').first().click()]);
  assert.match(readFileSync(await download.path(), 'utf8'), /^variant,features,score,kind,auroc/);
  clean(page);
});

test('a study that would take more than two minutes says so before it starts, and a smaller one is one click away', async () => {
  const page = await host.page('?device=cpu&room=anomalies');
  await page.fill('#anomaly-steps', '100000');
  await page.keyboard.press('Enter');
  await page.click('.anomalies .job button.primary');
  // This device's speed is known only now.
  await page.locator('.anomalies .job .smaller').waitFor({ timeout: 60_000 });
  assert.match(await page.locator('.anomalies .job .left').innerText(), /^About \d+ minutes left$/);
  await page.click('.anomalies .job button:has-text("Cancel")');
  assert.match(await page.locator('.anomalies .takes').innerText(), /^About \d+ minutes on this device, an estimate\.$/);
  const offer = page.locator('.anomalies .job .smaller');
  assert.match(await offer.innerText(), /^Take a smaller one: 2 seeds, 200 steps, small networks \(about \d+ s\)$|a few seconds/);
  await offer.click();
  assert.equal(await page.inputValue('#anomaly-steps'), '200');
  assert.equal(await offer.count(), 0);
  clean(page);
});

test('experiments: the study is quick, keeps what it has when cancelled, and goes on to its end', async () => {
  const page = await host.page('?device=cpu&room=experiments');
  await page.locator('.example-mark').waitFor();
  await page.click('.experiments .job button.primary');
  const begun = Date.now();
  // The first seed's grid, a third of the study, is there before it ends; the verdict waits for all seeds.
  await page.locator('.example-mark').waitFor({ state: 'detached', timeout: 60_000 });
  assert.match(await page.locator('.experiments .verdict').innerText(), /^\d+ of \d+ runs done; the answer comes with the last\.$/);
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
  assert.equal(await page.locator('.experiments .headline .figure').count(), 1);
  assert.match(await page.locator('.experiments .sheet .hint').first().textContent(), /above 1 the variant is faster/);
  assert.equal(await page.locator('.experiments .sheet').count(), 5);
  await fits(page);
  await page.locator('.experiments details.sheet summary').first().click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.experiments button:has-text("Save CSV"):visible').first().click()]);
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
