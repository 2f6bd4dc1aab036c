// The playground on the CPU path: what a visitor does, and what outside scripts rely on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, clean, open, ready, send, series, state } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

test('every word explains itself by tap, click and key, and ? lists keys and words', async () => {
  const page = await host.page('?device=cpu');
  await page.waitForFunction(() => window.normscope?.state().recorded);
  const note = page.locator('#note');
  await page.locator('.row .name', { hasText: 'GradScale power' }).click();
  assert.match(await note.innerText(), /gradient/i);
  await page.keyboard.press('Escape');
  assert.ok(!(await note.isVisible()));
  await page.locator('.arm-a .readout dt', { hasText: 'spread' }).click();
  assert.match(await note.innerText(), /collapsed to one point/);
  await page.locator('.chart figcaption b').first().click();
  assert.match(await note.innerText(), /20 nearest/);
  await page.keyboard.press('Escape');
  // All settings, and back to the few.
  const rows = () => page.locator('.settings .row:not(.head)').count();
  const few = await rows();
  await page.click('#all-settings');
  assert.ok((await rows()) > few + 8);
  await page.click('#all-settings');
  assert.equal(await rows(), few);
  // In a setting the key explains it and changes nothing.
  await page.focus('[id="a.lr"]');
  await page.keyboard.press('?');
  assert.ok(await note.isVisible());
  assert.equal(await page.inputValue('[id="a.lr"]'), '0.1');
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('?');
  const words = page.locator('.panel .glossary');
  await words.waitFor();
  assert.match(await words.innerText(), /GradScale\nEach embedding's gradient/);
  assert.ok((await page.locator('.glossary dt').count()) >= 20);
  await accessible(page);
  clean(page);
});

test('the introduction leads on, closes and stays closed', async () => {
  const page = await host.page('');
  await page.waitForFunction(() => window.normscope?.state().recorded);
  const lead = page.locator('#lead');
  assert.ok((await lead.locator('p').innerText()).length > 100);
  await page.click('#lead a >> text=Show me');
  await page.locator('.lesson-page h4').waitFor();
  assert.ok(!(await lead.isVisible()), 'a lesson says itself what is seen');
  await page.goBack();
  await page.waitForFunction(() => window.normscope?.state().config.lesson === '');
  await page.click('#lead a >> text=Race them');
  await page.waitForFunction(() => window.normscope?.state().config.preset === 'byol-tuned' &&  normscope.state().running, null, { timeout: 60_000 });
  await page.goto(host.address);
  await page.click('#lead a >> text=Check my');
  await page.waitForFunction(() => window.normscope?.state().config.room === 'diagnostics');
  await page.goto(host.address);
  await page.click('#lead-close');
  assert.ok(!(await lead.isVisible()));
  await page.reload();
  await page.waitForFunction(() => window.normscope?.state().recorded);
  assert.ok(!(await lead.isVisible()), 'it stays closed');
  for (const query of ['?hide=intro', '?embed=1', '?room=gradient']) {
    const other = await host.page(query);
    await other.waitForFunction(() => window.normscope);
    assert.ok(!(await other.locator('#lead').isVisible()), query);
  }
  clean(page);
});

test('the first view is alive within two seconds and the engine comes up on the CPU', async () => {
  const page = await host.page();
  await page.waitForSelector('.pane canvas.flat', { timeout: 2000 });
  const now = await ready(page);
  assert.equal(now.device, 'cpu');
  assert.match(now.reason, /WebGPU/);
  assert.equal(now.arms.a.weights_hash, now.arms.b.weights_hash);
  // An address that says nothing shows the pair in which only the lengths differ; one that says something begins with the usual pair.
  assert.deepEqual([now.config.preset, now.config.a.cut, now.config.b.cut], ['norm-trap', 0.3333, 1]);
  const other = await host.page('?device=cpu');
  assert.equal((await ready(other)).config.b.gradscale, 1);
  clean(page);
  clean(other);
});

for (const [method, steps] of [['simclr', 150], ['byol', 200]]) {
  test(`${method} trains on digits: the loss falls, kNN ends above the untrained encoder, nothing collapses`, async () => {
    const page = await host.page(`?method=${method}&device=cpu`);
    await ready(page);
    const done = await send(page, { type: 'step', steps });
    assert.equal(done.step, steps);
    assert.equal(done.device, 'cpu');
    assert.equal(done.arms.a.batch_hash, done.arms.b.batch_hash);
    for (const arm of ['a', 'b']) {
      const loss = await series(page, arm, 'loss');
      const knn = await series(page, arm, 'knn');
      assert.equal(loss.length, steps);
      const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(mean(loss.slice(-20)) < mean(loss.slice(0, 20)) - 0.2, `${arm}: ${loss[0]} -> ${loss.at(-1)}`);
      assert.ok(knn.at(-1) > knn[0] + 0.02, `${arm}: kNN ${knn[0]} -> ${knn.at(-1)}`);
      const spread = done.arms[arm].metrics.spread;
      // 1/sqrt(16) is the most that unit vectors in 16 dimensions can spread.
      assert.ok(spread > 0.15, `${arm}: spread ${spread}`);
    }
    clean(page);
  });
}

/** Milliseconds of processor time of each task of the page's main thread in a trace. */
function taskTimes(trace) {
  const events = JSON.parse(trace).traceEvents;
  const threads = events.filter((event) => event.name === 'thread_name' && event.args.name === 'CrRendererMain');
  const main = new Set(threads.map((event) => `${event.pid} ${event.tid}`));
  return events
    .filter((event) => event.ph === 'X' && event.name.endsWith('RunTask') && event.tdur && main.has(`${event.pid} ${event.tid}`))
    .map((event) => event.tdur / 1000);
}

test('while it trains no task on the main thread takes 50 ms', async (t) => {
  const page = await host.page('?device=cpu');
  await ready(page);
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => Math.round(entry.duration)))).observe({
      type: 'longtask',
    });
  });
  await host.browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.click('#play');
  // The observer's clock also runs while another process has the core. A task that is long by itself, such as an
  // evaluation's, is long in each window of 20 steps (two evaluations of both arms); one that was interrupted in some.
  const windows = [];
  while (windows.length < 12 && !windows.some((tasks) => tasks.length === 0)) {
    const until = (await state(page)).step + 20;
    await page.evaluate(() => (window.longTasks = []));
    await page.waitForFunction((until) => window.normscope.state().step >= until, until, { timeout: 60_000 });
    const now = await page.evaluate(() => ({ tasks: window.longTasks, running: window.normscope.state().running }));
    assert.ok(now.running);
    windows.push(now.tasks);
  }
  // Processor time tells our own work from waiting, in all windows.
  const times = taskTimes(await host.browser.stopTracing());
  const worst = Math.max(...times);
  t.diagnostic(`tasks over 50 ms in windows of 20 steps: ${JSON.stringify(windows)}; most processor time of ${times.length} tasks: ${worst.toFixed(1)} ms`);
  assert.ok(times.length > 100);
  assert.ok(worst < 50, `a task took ${worst} ms of processor time`);
  assert.ok(windows.some((tasks) => tasks.length === 0), JSON.stringify(windows));
  clean(page);
});

test('a point is picked with the mouse: its class, norm, percentile, picture and neighbours show', async () => {
  const page = await host.page('?device=cpu');
  await ready(page);
  await page.waitForTimeout(800);
  const canvas = page.locator('.arm-a canvas.flat');
  const box = await canvas.boundingBox();
  // Something of the front: ask where some points are and take one that the pointer really hits.
  await canvas.focus();
  await page.keyboard.press('Shift+ArrowLeft');
  for (let index = 0; index < 40; index += 1) {
    const at = await page.evaluate((index) => window.normscope.locate('a', index), index);
    await page.mouse.click(box.x + at[0], box.y + at[1]);
    if (await page.locator('.arm-a .inspector.pinned').count()) break;
  }
  const card = page.locator('.arm-a .inspector');
  await card.locator('.neighbours li').first().waitFor();
  const text = await card.innerText();
  assert.match(text, /held-out sample \d+/);
  assert.match(text, /percentile \d+/);
  assert.equal(await card.locator('.pictures canvas').count(), 3);
  assert.equal(await card.locator('.neighbours li').count(), 5);
  await page.keyboard.press('Escape');
  await canvas.press('ArrowRight');
  await canvas.press('ArrowRight');
  await card.waitFor();
  clean(page);
});

test('a link restores the page exactly, and the address follows every change', async () => {
  const page = await host.page('?method=byol&device=cpu&seed=11&a.cut=2&b.gradscale=2&shape=sphere&theme=dark&steps=120');
  const first = await ready(page);
  assert.deepEqual(first.notices, []);
  await page.fill('[id="b.lr"]', '0.05');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => location.search.includes('b.lr=0.05'));
  const changed = await state(page);
  await page.reload();
  const again = await ready(page);
  assert.deepEqual(again.config, changed.config);
  assert.equal(again.config.seed, 11);
  assert.equal(again.config.a.cut, 2);
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  clean(page);
});

test('on the CPU each arm trains in a worker of its own where there are cores for it, and both see the same batches', async (t) => {
  const page = await host.page('?device=cpu&steps=40&eval=10', { reducedMotion: 'reduce' });
  await ready(page);
  if ((await page.evaluate(() => navigator.hardwareConcurrency)) < 2) return t.skip('one core only');
  await page.waitForFunction(() => /worker of its own/.test(normscope.state().reason), null, { timeout: 60_000 });
  await send(page, { type: 'step', steps: 40 });
  const { arms } = await page.evaluate(() => normscope.state());
  assert.equal(arms.a.batch_hash, arms.b.batch_hash);
  assert.ok(arms.a.metrics.knn > 0.5 && arms.b.metrics.knn > 0.5, JSON.stringify(arms));
  // It goes on with a fresh run.
  await send(page, { type: 'reset' });
  await send(page, { type: 'step', steps: 10 });
  assert.equal((await page.evaluate(() => normscope.state())).step, 10);
  clean(page);
  await page.close();
});

test('the same link gives the same numbers', async () => {
  const losses = [];
  for (let run = 0; run < 2; run += 1) {
    const page = await host.page('?device=cpu&seed=3');
    await ready(page);
    await send(page, { type: 'step', steps: 12 });
    losses.push(await series(page, 'b', 'loss'));
    await page.close();
  }
  assert.deepEqual(losses[0], losses[1]);
});

test('bad settings are named and left at their default, and the running experiment goes on', async () => {
  const page = await host.page('?device=cpu&a.lr=NaN&b.cut=-1&colour=mauve&nonsense=1&steps=1e9&seed=7');
  const now = await ready(page);
  const inputs = now.notices.map((notice) => notice.input).sort();
  assert.deepEqual(inputs, ['a.lr=NaN', 'b.cut=-1', 'colour=mauve', 'nonsense=1', 'steps=1e9']);
  assert.equal(await page.locator('.notice').count(), 5);
  assert.equal(now.config.seed, 7);
  await send(page, { type: 'step', steps: 10 });
  const before = await state(page);
  await page.fill('[id="a.lr"]', 'fast');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => window.normscope.state().notices.some((notice) => notice.input === 'a.lr=fast'));
  const after = await state(page);
  assert.equal(after.step, before.step);
  assert.deepEqual(after.config, before.config);
  assert.equal(await page.inputValue('[id="a.lr"]'), String(before.config.a.lr));
  clean(page);
});

test('an arm that diverges stops with an explanation, the other goes on', async () => {
  const page = await host.page('?device=cpu&b.lr=10&b.bn=off&b.gradscale=3&b.warmup=0&eval=5&b.cut=0.05');
  await ready(page);
  const now = await send(page, { type: 'step', steps: 60 });
  assert.match(now.arms.b.stopped.reason, /learning rate/);
  assert.equal(now.arms.a.stopped, null);
  assert.equal(now.step, 60);
  assert.ok(await page.locator('.arm-b .stopped').isVisible());
  clean(page);
});

test('the page API explains itself when it is used wrongly', async () => {
  const page = await host.page('?device=cpu');
  await ready(page);
  const messages = await page.evaluate(async () => {
    const say = async (act) => {
      try {
        await act();
        return 'no error';
      } catch (error) {
        return error.message;
      }
    };
    const { normscope } = window;
    return [
      await say(() => normscope.series('c', 'loss')),
      await say(() => normscope.series('a', 'beauty')),
      await say(() => normscope.send({ type: 'dance' })),
      await say(() => normscope.send({ type: 'seek' })),
      await say(() => normscope.on('tea', () => {})),
      await say(() => normscope.on('state', 1)),
    ];
  });
  const expected = [/"a" or "b"/, /must be one of loss, knn/, /must be one of play/, /must be a number/, /must be one of ready/, /must be a function/];
  messages.forEach((message, index) => assert.match(message, expected[index]));
  clean(page);
});

test('set, seek, embeddings, events and export do what the contract says', async () => {
  const page = await host.page('?device=cpu');
  await ready(page);
  const result = await page.evaluate(async () => {
    const { normscope } = window;
    const heard = { metrics: 0, state: 0 };
    const off = normscope.on('metrics', () => (heard.metrics += 1));
    normscope.on('state', () => (heard.state += 1));
    const changed = await normscope.send({ type: 'set', method: 'simsiam', 'b.gradscale': 2 });
    const far = await normscope.send({ type: 'seek', step: 15 });
    const losses = [...normscope.series('a', 'loss')];
    const back = await normscope.send({ type: 'seek', step: 6 });
    const again = [...normscope.series('a', 'loss')];
    off();
    const { n, dim, z, label, norm } = await normscope.embeddings('b');
    const row = Math.hypot(...z.slice(0, dim));
    const exported = await normscope.send({ type: 'export' });
    return { heard, method: changed.config.method, p: changed.config.b.gradscale, far: far.step, back: back.step, losses, again, n, dim, sizes: [z.length, label.length, norm.length], row, norm: norm[0], exported: Object.keys(exported.series.a) };
  });
  assert.equal(result.method, 'simsiam');
  assert.equal(result.p, 2);
  assert.equal(result.far, 15);
  assert.equal(result.back, 6);
  assert.deepEqual(result.again, result.losses.slice(0, 6));
  assert.deepEqual(result.sizes, [result.n * result.dim, result.n, result.n]);
  assert.ok(Math.abs(result.row - result.norm) < 1e-4 * result.norm);
  assert.ok(result.heard.metrics > 0 && result.heard.state > 0);
  assert.ok(result.exported.includes('norm_q50'));
  clean(page);
});
