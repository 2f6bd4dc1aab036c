// A long session: rooms, presets, methods and data change while models train; memory, workers and frames are written down.
//
//   NODE_PATH=… node tests/e2e/soak.mjs [--minutes M] [--webgpu]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { clean, open, random, ready, send, state } from './browser.mjs';

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, webgpu: { type: 'boolean' } } });
const ROOMS = ['playground', 'gradient', 'diagnostics', 'experiments', 'anomalies'];
const PRESETS = ['digits-simclr', 'byol-collapse'];
const CHANGES = ['method=byol', 'method=simclr', 'method=simsiam', 'data=latent', 'data=digits', 'b.cut=9', 'b.gradscale=1', 'seed=3', 'colour=norm', 'shape=sphere', 'theme=dark', 'theme=light'];
const device = options.webgpu ? 'webgpu' : 'cpu';

const next = random(20261126);
const pick = (all) => all[Math.floor(next() * all.length)];

const host = await open({ webgpu: options.webgpu, args: ['--enable-precise-memory-info', '--js-flags=--expose-gc'] });
const page = await host.page(`?device=${device}&steps=2000`);
await ready(page);
const names = await page.evaluate(() => normscope.send({ type: 'preset', name: '?' }).catch((error) => error.message));
const presets = names.match(/[a-z0-9]+(?:-[a-z0-9]+)+/g) ?? PRESETS;

/** Megabytes of the page's heap and of the engine's, live workers, frames a second over two seconds. */
async function measure() {
  const script = await page.evaluate(async () => {
    self.gc?.();
    const frames = await new Promise((done) => {
      const begun = performance.now();
      let count = 0;
      const tick = (now) => (now - begun > 2000 ? done((1000 * count) / (now - begun)) : (count++, requestAnimationFrame(tick)));
      requestAnimationFrame(tick);
    });
    return { page: performance.memory.usedJSHeapSize / 1e6, nodes: document.querySelectorAll('*').length, frames };
  });
  const sizes = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.normscopeMemory?.buffer.byteLength ?? 0).catch(() => 0)));
  return { ...script, engine: Math.max(0, ...sizes) / 1e6, workers: page.workers().length };
}

const begun = Date.now();
const minutes = () => (Date.now() - begun) / 60_000;
const rows = [];
let acts = 0;
let told = -1;
console.log('| minute | changes | page, MB | nodes | engine, MB | workers | frames/s | step | faults |\n|---|---|---|---|---|---|---|---|---|');
while (minutes() < Number(options.minutes)) {
  const act = next();
  if (act < 0.3) await send(page, { type: 'set', room: pick(ROOMS) });
  else if (act < 0.5) await send(page, { type: 'preset', name: pick(presets) });
  else if (act < 0.75) await send(page, { type: 'set', query: pick(CHANGES) });
  else if (act < 0.85) await send(page, { type: 'reset' });
  else await send(page, { type: 'panel', name: pick(['', 'export', 'lessons', 'bench', '']) });
  acts += 1;
  await send(page, { type: 'play' });
  await page.waitForTimeout(400 + 2200 * next());
  if (Math.floor(minutes()) > told) {
    told = Math.floor(minutes());
    const now = { ...(await measure()), ...(await state(page)) };
    rows.push(now);
    const cells = [minutes().toFixed(1), acts, now.page.toFixed(1), now.nodes, now.engine.toFixed(1), now.workers, now.frames.toFixed(0), now.step, now.faults];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
clean(page);
assert.equal(rows.at(-1).faults, 0, 'no worker was dropped');
await host.close();
