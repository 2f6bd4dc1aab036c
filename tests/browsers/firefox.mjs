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

// A worker that starts a worker hung in 2 to 5 of 100 starts (docs/reliability.md).
test(`Firefox: ${STARTS} starts, and no engine falls silent when arm B moves to the second worker`, { timeout: STARTS * 40_000 }, async (t) => {
  const silent = [];
  let longest = 0;
  for (let start = 0; start < STARTS; start += 1) {
    const page = await visit({ path: '?device=cpu&room=diagnostics' });
    await page.waitForFunction(() => window.normscope);
    const { millis, faults, reason } = await page.evaluate(async () => {
      await normscope.ready;
      const begun = performance.now();
      await normscope.send({ type: 'step', steps: 40 });
      const millis = performance.now() - begun;
      for (let i = 0; i < 200 && !/worker of its own/.test(normscope.state().reason); i += 1) await new Promise((done) => setTimeout(done, 50));
      return { millis, faults: normscope.state().faults, reason: normscope.state().reason };
    });
    if (faults) silent.push(`start ${start}: ${faults} faults, ${Math.round(millis)} ms`);
    else longest = Math.max(longest, millis);
    assert.match(reason, /worker of its own/);
    await page.close();
  }
  t.diagnostic(`${silent.length} of ${STARTS} fell silent; the slowest of the others trained 40 steps in ${Math.round(longest)} ms`);
  assert.deepEqual(silent, []);
});
