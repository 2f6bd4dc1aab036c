// The tour (tour.mjs) in Firefox, by WebDriver BiDi. FIREFOX names the browser, NORMSCOPE_STARTS how often the engine is started.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { STOPS, check, ground, script } from './tour.mjs';

const require = createRequire(join(resolve(process.env.NODE_PATH ?? 'node_modules'), 'x.js'));
const { default: puppeteer } = await import(require.resolve('puppeteer-core'));
const STARTS = Number(process.env.NORMSCOPE_STARTS ?? 20);
let browser, place;
before(async () => {
  place = await ground();
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', headless: true, protocolTimeout: 240_000 });
});
after(async () => {
  await browser?.close();
  await place?.close();
});

/** A page; `page.problems` collects what must not happen. */
async function visit(stop) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  page.problems = [];
  page.on('console', (message) => message.type() === 'error' && !stop.forbidden && page.problems.push(message.text()));
  page.on('pageerror', ({ message }) => page.problems.push(message));
  await page.goto(place.address(stop));
  return page;
}

for (const stop of STOPS) {
  test(`Firefox: ${stop.name}`, { timeout: 300_000 }, async (t) => {
    const begun = Date.now();
    const page = await visit(stop);
    check(t, stop, await page.evaluate(script(stop)), begun);
    assert.deepEqual(page.problems, []);
    await page.close();
  });
}

// A worker that started a worker hung in some starts of a hundred (docs/reliability.md).
test(`Firefox: ${STARTS} starts, and no engine falls silent when arm B moves to the second worker`, { timeout: STARTS * 90_000 }, async (t) => {
  const bad = [];
  const longest = { trained: 0, moved: 0 };
  for (let start = 0; start < STARTS; start += 1) {
    const page = await visit({ path: '?device=cpu&room=diagnostics' });
    await page.waitForFunction(() => window.normscope);
    const found = await page.evaluate(async () => {
      await normscope.ready;
      const begun = performance.now();
      await normscope.send({ type: 'step', steps: 40 });
      const trained = Math.round(performance.now() - begun);
      // On a busy machine the module of the second worker may take longer than the 40 steps.
      const alone = () => navigator.hardwareConcurrency > 1 && !/worker of its own/.test(normscope.state().reason);
      while (alone() && performance.now() - begun < 60_000) await new Promise((done) => setTimeout(done, 50));
      const moved = Math.round(performance.now() - begun);
      // Both arms again, now surely in two workers.
      await normscope.send({ type: 'step', steps: 5 });
      return { trained, moved, alone: alone(), step: normscope.state().step, faults: normscope.state().faults };
    });
    if (found.faults || found.alone || found.step !== 45) bad.push(`start ${start}: ${JSON.stringify(found)}`);
    for (const key of ['trained', 'moved']) longest[key] = Math.max(longest[key], found[key]);
    await page.close();
  }
  t.diagnostic(`${STARTS} starts; 40 steps took ${longest.trained} ms at most, the second worker was there after ${longest.moved} ms at most`);
  assert.deepEqual(bad, []);
});
