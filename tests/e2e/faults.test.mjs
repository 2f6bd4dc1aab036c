// Faults on purpose: the GPU lost, the worker ended, silent or never fetched. The run goes on by itself, and its record is the
// one of a run that nothing happened to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clean as silent, inWorkers, open, random, ready, send, series, state } from './browser.mjs';

const SMALL = 'a.width=16&b.width=16&a.batch=16&b.batch=16&b.cut=3&eval=10';
const TIMES = 20;
let host;
before(async () => (host = await open({ webgpu: true })));
after(async () => host?.close());

/** Fails when anything was logged but that a GPU is gone, which burn says of its own accord. */
function clean(page) {
  page.problems = page.problems.filter((problem) => !/the wgpu device was lost/.test(problem));
  silent(page);
}

/** Presses a button, wherever it is. */
const press = (page, button) => page.evaluate((button) => document.querySelector(button).click(), button);

/** The engine's worker, which has the session. */
const engine = (page) => page.workers().find((worker) => worker.url().endsWith('worker.js'));

/** Everything on record of a run, and the embeddings at its end. */
async function record(page) {
  return page.evaluate(async () => {
    const arms = {};
    for (const arm of ['a', 'b']) {
      const of = (metric) => {
        const values = normscope.series(arm, metric);
        return { steps: [...values.steps], values: [...values] };
      };
      arms[arm] = { loss: of('loss'), knn: of('knn'), norm: of('norm_mean'), z: [...(await normscope.embeddings(arm)).z] };
    }
    return { arms, hash: normscope.state().batch_hash, step: normscope.state().step };
  });
}

/** `times` random steps, one in each equal part of the run's first four fifths. */
function randomSteps(steps, times, seed) {
  const next = random(seed);
  // The page hears of every fifth or tenth step, so closer ones would add up to more steps than there are.
  const each = Math.floor((0.8 * steps) / times);
  assert.ok(each >= 16);
  return Array.from({ length: times }, (_, index) => 1 + index * each + Math.floor(next() * each));
}

/** Presses a button at a step or, where the page comes to see it only later, soon after it; the step it was. */
async function pressAt(page, button, step) {
  // In the page: until an answer had come here and a click had gone back, a fast machine would have trained another fifty steps.
  return page.evaluate(
    async ([button, step]) => {
      const since = performance.now();
      while (!(normscope.state().ready && normscope.state().step >= step)) {
        if (performance.now() - since > 120_000) throw new Error(`step ${step} never came: ${JSON.stringify(normscope.state())}`);
        await new Promise((done) => setTimeout(done, 4));
      }
      const pressed = document.querySelector(button);
      if (pressed.disabled) throw new Error(`${button} can't be pressed on ${normscope.state().device}: ${normscope.state().reason}`);
      pressed.click();
      return normscope.state().step;
    },
    [button, step],
  );
}

/** Trains to the end; a button is pressed `times` times at random steps on the way. */
async function run(query, steps, button, times, seed) {
  const page = await host.page(`?${query}&steps=${steps}&${SMALL}`, { reducedMotion: 'reduce' });
  await ready(page);
  const at = times ? randomSteps(steps, times, seed) : [];
  await send(page, { type: 'play' });
  let last = 0;
  for (const [index, step] of at.entries()) {
    // Always further than before: three losses without any progress would rightly end on the CPU.
    last = await pressAt(page, button, Math.max(step, last + 1));
    await page.waitForFunction((count) => normscope.state().faults >= count && normscope.state().ready, index + 1, { polling: 20, timeout: 120_000 });
  }
  await page.waitForFunction((steps) => normscope.state().ready && normscope.state().step === steps && !normscope.state().running, steps, { timeout: 300_000 });
  const result = await record(page);
  assert.equal((await state(page)).faults, at.length, 'every fault was noticed once');
  clean(page);
  return { page, result };
}

/** Largest difference, of the largest value. */
function apart(a, b) {
  assert.equal(a.length, b.length);
  const largest = Math.max(...a.map(Math.abs), 1e-9);
  return Math.max(...a.map((value, at) => Math.abs(value - b[at]))) / largest;
}

/** The same steps, and values that differ by at most `tolerance`. */
function compare(disturbed, undisturbed, steps, tolerance) {
  assert.equal(disturbed.hash, undisturbed.hash);
  assert.equal(disturbed.step, steps);
  for (const arm of ['a', 'b']) {
    const [one, other] = [disturbed.arms[arm], undisturbed.arms[arm]];
    assert.deepEqual(one.loss.steps, Array.from({ length: steps }, (_, at) => at + 1), 'no gap and no repeat');
    for (const metric of ['knn', 'norm']) assert.deepEqual(one[metric].steps, other[metric].steps);
    const parts = { loss: [one.loss.values, other.loss.values], norm: [one.norm.values, other.norm.values], z: [one.z, other.z] };
    for (const [name, [a, b]] of Object.entries(parts)) {
      const difference = apart(a, b);
      assert.ok(difference <= tolerance, `arm ${arm}, ${name}: ${difference} apart, ${tolerance} allowed`);
    }
  }
}

/** A run at some random steps of which a button is pressed, compared with one that nothing happens to; its page. */
async function survives(query, steps, button, times, seed, tolerance) {
  const undisturbed = await run(query, steps, button, 0, 1);
  await undisturbed.page.close();
  const { page, result } = await run(query, steps, button, times, seed);
  compare(result, undisturbed.result, steps, tolerance);
  return page;
}

test('the GPU is lost at 20 random steps: the record is complete and the same', async () => {
  const page = await survives('device=webgpu', 400, '#lose-gpu', TIMES, 7, 1e-4);
  const now = await state(page);
  assert.equal(now.device, 'webgpu', 'a loss after some progress is no reason to leave the GPU');
  assert.match(now.notices.map((notice) => notice.message).join(), /went on from step \d+/);
  await page.close();
});

test('the worker ends at 20 random moments: bit for bit the same', async () => {
  const page = await survives('device=cpu', 400, '#kill-engine', TIMES, 3, 0);
  await page.close();
});

test('a GPU that is lost again and again gives way to the CPU', async () => {
  // Every device is lost as soon as it is there.
  const page = await host.page('about:blank');
  await inWorkers(page, 'self.addEventListener("message", () => setTimeout(() => self.normscopeDevice?.destroy(), 60))');
  await page.goto(`${host.address}?device=webgpu&steps=20&${SMALL}`);
  await page.waitForFunction(() => window.normscope);
  await send(page, { type: 'step', steps: 20 });
  const now = await state(page);
  assert.equal(now.device, 'cpu');
  assert.match(now.reason, /three times/);
  assert.equal(now.step, 20);
  assert.equal((await series(page, 'a', 'loss')).length, 20);
  clean(page);
  await page.close();
});

test('an engine that can not be fetched is tried again; at last the reader is asked, and can help', async () => {
  const page = await host.page('about:blank');
  let cut = 2;
  await page.route('**/engine_bg.wasm', (route) => (cut-- > 0 ? route.abort() : route.continue()));
  await page.goto(`${host.address}?device=cpu&steps=20&${SMALL}`);
  await page.waitForFunction(() => window.normscope);
  await send(page, { type: 'step', steps: 5 });
  assert.equal((await state(page)).step, 5);
  cut = Infinity;
  await press(page, '#kill-engine');
  await page.waitForSelector('#try-again', { timeout: 60_000 });
  const asked = await state(page);
  assert.match(asked.failed, /could not be loaded/);
  assert.equal((await series(page, 'a', 'loss')).length, 5, 'what was recorded is still there');
  cut = 0;
  await page.click('#try-again');
  await send(page, { type: 'step', steps: 5 });
  assert.equal((await state(page)).step, 10);
  assert.equal((await series(page, 'b', 'loss')).length, 10);
  await page.unroute('**/engine_bg.wasm');
  // The browser says of each cut request what it must not say of anything else.
  assert.deepEqual(page.problems.filter((problem) => !/ERR_FAILED/.test(problem)), []);
  await page.close();
});

test('an engine that ends again and again before its first checkpoint is not started for ever', async () => {
  const page = await host.page(`?device=cpu&steps=20&speed=1&${SMALL}`);
  await ready(page);
  await send(page, { type: 'play' });
  for (let faults = 0; faults < 7; faults++) {
    await page.waitForFunction((faults) => normscope.state().faults === faults && normscope.state().ready && normscope.state().step >= 1, faults, { polling: 20, timeout: 60_000 });
    await press(page, '#kill-engine');
  }
  await page.waitForSelector('#try-again', { timeout: 60_000 });
  clean(page);
  await page.close();
});

test('what the engine was asked when it ended is answered by the next one', async () => {
  const page = await host.page(`?device=cpu&steps=40&${SMALL}`);
  await ready(page);
  await send(page, { type: 'step', steps: 10 });
  const answer = await page.evaluate(async () => {
    document.querySelector('#kill-engine').click();
    const [embeddings, state] = await Promise.all([normscope.embeddings('b'), normscope.send({ type: 'step', steps: 7 })]);
    return { n: embeddings.n, step: state.step };
  });
  assert.deepEqual(answer, { n: 360, step: 17 });
  clean(page);
  await page.close();
});

test('opened files are still open after a fault', async () => {
  const page = await host.page(`?device=cpu&steps=30&${SMALL}`);
  await ready(page);
  const batch = (records) => Buffer.from(Array.from({ length: records * 3073 }, (_, at) => (at % 3073 === 0 ? Math.floor(at / 3073) % 10 : (at * 31) % 251)));
  await page.setInputFiles('.file-input', [
    { name: 'data_batch_1.bin', mimeType: 'application/octet-stream', buffer: batch(80) },
    { name: 'test_batch.bin', mimeType: 'application/octet-stream', buffer: batch(30) },
  ]);
  await page.waitForFunction(() => normscope.state().config.data === 'files', null, { timeout: 30_000 });
  await send(page, { type: 'step', steps: 6 });
  const name = (await state(page)).data.name;
  await press(page, '#kill-engine');
  await page.waitForFunction(() => normscope.state().faults === 1 && normscope.state().ready, null, { timeout: 30_000 });
  await send(page, { type: 'step', steps: 6 });
  const now = await state(page);
  assert.deepEqual([now.step, now.data.name, now.config.data], [12, name, 'files']);
  assert.equal((await series(page, 'a', 'loss')).length, 12);
  clean(page);
  await page.close();
});

test('a worker that falls silent is replaced', async () => {
  const page = await host.page(`?device=cpu&steps=40&${SMALL}`);
  await ready(page);
  await send(page, { type: 'step', steps: 10 });
  await engine(page).evaluate(() => void setTimeout(() => { for (;;); }, 0));
  await page.waitForFunction(() => normscope.state().faults === 1 && normscope.state().ready, null, { timeout: 90_000 });
  await send(page, { type: 'step', steps: 10 });
  assert.equal((await state(page)).step, 20);
  clean(page);
  await page.close();
});

test('a GPU that takes work and never finishes it is given up', async () => {
  const page = await host.page(`?device=webgpu&steps=40&${SMALL}`);
  await ready(page);
  await send(page, { type: 'step', steps: 10 });
  await engine(page).evaluate(() => {
    GPUQueue.prototype.onSubmittedWorkDone = GPUBuffer.prototype.mapAsync = () => new Promise(() => {});
  });
  const going = send(page, { type: 'step', steps: 10 });
  await page.waitForFunction(() => normscope.state().faults === 1, null, { timeout: 90_000 });
  await going;
  assert.equal((await state(page)).step, 20);
  assert.equal((await series(page, 'a', 'loss')).length, 20);
  clean(page);
  await page.close();
});

test('the second worker of the CPU path may end as well', async () => {
  const page = await host.page(`?device=cpu&steps=60&${SMALL}`);
  await ready(page);
  await page.waitForFunction(() => /worker of its own/.test(normscope.state().reason), null, { timeout: 30_000 });
  await send(page, { type: 'step', steps: 10 });
  const second = () => page.workers().filter((worker) => worker.url().endsWith('worker.js?arm'));
  await second()[0].evaluate(() => self.close());
  await send(page, { type: 'step', steps: 10 });
  assert.equal((await state(page)).step, 20);
  assert.equal((await series(page, 'b', 'loss')).length, 20);
  // It goes with its engine, and the next engine has one of its own.
  await press(page, '#kill-engine');
  await page.waitForFunction(() => normscope.state().faults === 2 && /worker of its own/.test(normscope.state().reason), null, { timeout: 30_000 });
  for (let tries = 0; second().length > 1 && tries < 50; tries += 1) await page.waitForTimeout(100);
  assert.equal(second().length, 1);
  clean(page);
  await page.close();
});

test('a hidden tab pauses at a step and goes on from there', async () => {
  const page = await host.page(`?device=cpu&steps=5000&speed=20&${SMALL}`);
  await ready(page);
  const hide = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
  await send(page, { type: 'play' });
  await page.waitForFunction(() => normscope.state().step > 3);
  await hide(true);
  await page.waitForFunction(() => !normscope.state().running);
  assert.match(await page.title(), /Paused/);
  const { step } = await state(page);
  await page.waitForTimeout(300);
  assert.equal((await state(page)).step, step);
  await hide(false);
  await page.waitForFunction((step) => normscope.state().step > step && normscope.state().running, step);
  assert.doesNotMatch(await page.title(), /Paused/);
  await page.evaluate(() => document.querySelector('#keep-on').click());
  await hide(true);
  await page.waitForTimeout(300);
  assert.equal((await state(page)).running, true, 'the reader wants it to keep on');
  clean(page);
  await page.close();
});

/** The worker of a room's study, once there is one that is not `last`. */
async function study(page, last) {
  for (const begun = Date.now(); Date.now() - begun < 60_000; await new Promise((done) => setTimeout(done, 20))) {
    const found = page.workers().find((worker) => worker.url().endsWith('?study') && worker !== last);
    if (found) return found;
  }
  throw new Error('there is no worker for the study');
}

/** Begins a small study of anomalies, lets `act` meddle with it, and gives all its tables when it is done. */
async function anomalies(act = async () => {}) {
  const page = await host.page('?room=anomalies&device=cpu');
  // What is read at the end is the study's own, not the recorded example.
  await page.locator('.example-mark').waitFor();
  await page.fill('#anomaly-seeds', '2');
  await page.fill('#anomaly-steps', '40');
  await page.keyboard.press('Enter');
  await page.click('.anomalies .job button.primary');
  await act(page);
  await page.locator('.anomalies .job button.primary').waitFor({ timeout: 120_000 });
  assert.equal(await page.locator('.problem').count(), 0);
  const tables = await page.locator('.anomalies .sheet table').allTextContents();
  return { page, tables };
}

test('a study goes on in a new worker when its own ends or fails, and finds the same', async () => {
  const undisturbed = await anomalies();
  assert.ok(undisturbed.tables.join().length > 200);
  const { page, tables } = await anomalies(async (page) => {
    const first = await study(page);
    await page.waitForFunction(() => document.querySelector('.job progress').value > 0);
    await first.evaluate(() => setTimeout(() => { throw new Error('on purpose'); }));
    await page.locator('.job [role=status]:has-text("The engine failed: on purpose. The work has begun again.")').waitFor();
    const second = await study(page, first);
    // With the first interim answer there is something to go on from.
    await page.locator('.example-mark').waitFor({ state: 'detached', timeout: 60_000 });
    await second.evaluate(() => self.close());
    await page.locator('.job [role=status]:has-text("has ended the worker that did this. The work goes on from its last interim result.")').waitFor();
    await study(page, second);
  });
  assert.deepEqual(tables, undisturbed.tables);
  page.problems = page.problems.filter((problem) => !/on purpose/.test(problem));
  clean(page);
  clean(undisturbed.page);
});

test('a study whose worker fails whenever it begins says so after three tries', async () => {
  const page = await host.page('about:blank');
  await inWorkers(page, `self.addEventListener('message', ({ data }) => data instanceof Uint8Array && setTimeout(() => { throw new Error('on purpose'); }))`);
  let workers = 0;
  page.on('worker', (worker) => (workers += worker.url().endsWith('?study')));
  await page.goto(`${host.address}?room=anomalies&device=cpu`);
  await page.click('.anomalies .job button.primary');
  await page.locator('.anomalies .job .problem:has-text("The engine failed: on purpose.")').waitFor({ timeout: 60_000 });
  assert.equal(workers, 3);
  assert.equal(await page.locator('.anomalies .job button.primary').count(), 1);
  page.problems = page.problems.filter((problem) => !/on purpose/.test(problem));
  clean(page);
});
