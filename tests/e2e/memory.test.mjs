// Memory over a long run: the engine's heap grows no more once it has warmed up, on the CPU and on WebGPU.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clean, open, ready, send } from './browser.mjs';

const SMALL = 'a.width=16&b.width=16&a.batch=16&b.batch=16';

/** Bytes of the engine's heap, from the worker that has one. */
async function heap(page) {
  const sizes = await Promise.all(page.workers().map((worker) => worker.evaluate(() => self.normscopeMemory?.buffer.byteLength ?? 0)));
  return Math.max(...sizes);
}

for (const [device, warm, steps] of [['cpu', 2000, 10000], ['webgpu', 200, 600]]) {
  test(`${steps} steps on ${device}: the heap is as large at the end as after ${warm}`, async () => {
    const host = await open({ webgpu: device === 'webgpu' });
    const page = await host.page(`?device=${device}&steps=${steps}&eval=100&${SMALL}`, { reducedMotion: 'reduce' });
    await ready(page);
    await send(page, { type: 'step', steps: warm });
    const before = await heap(page);
    await send(page, { type: 'step', steps: steps - warm });
    const after = await heap(page);
    assert.ok(before > 1e6, `${before} bytes: no heap was found`);
    assert.ok(after <= before + 2 ** 20, `${before} bytes grew to ${after}`);
    clean(page);
  });
}
