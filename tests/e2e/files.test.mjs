// The reader's own files: picked or dropped, good and bad.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clean, drop, open, ready, send, state } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

/** A CIFAR-10 batch of `n` made-up pictures: each class has its own hue and stripe. */
function cifar(n) {
  const record = 3073;
  const bytes = Buffer.alloc(n * record);
  for (let i = 0; i < n; i += 1) {
    const label = i % 10;
    bytes[i * record] = label;
    for (let p = 0; p < 1024; p += 1) {
      const stripe = (p >> 5) % (label + 2) < 1 ? 200 : 40;
      for (let c = 0; c < 3; c += 1) bytes[i * record + 1 + c * 1024 + p] = (stripe + 17 * c * label + ((i * 7919 + p * 31) % 23)) & 255;
    }
  }
  return bytes;
}

test('a dropped CIFAR-10 batch becomes the data set and trains', async () => {
  const page = await host.page('?device=cpu&a.batch=32&b.batch=32&a.width=16&b.width=16');
  await ready(page);
  await drop(page, [['data_batch_1.bin', cifar(200)]]);
  await page.waitForFunction(() => window.normscope.state().config.data === 'files', null, { timeout: 60_000 });
  const now = await send(page, { type: 'step', steps: 3 });
  assert.equal(now.step, 3);
  assert.deepEqual(now.data.image, [32, 32]);
  assert.equal(now.data.train + now.data.test, 200);
  assert.equal(await page.inputValue('#data'), 'files');
  clean(page);
});

test('bad files are named and explained, and the running experiment goes on untouched', async () => {
  const page = await host.page('?device=cpu');
  await ready(page);
  await send(page, { type: 'step', steps: 10 });
  const before = await state(page);
  const bad = [
    ['empty.bin', Buffer.alloc(0)],
    ['truncated.bin', cifar(3).subarray(0, 5000)],
    ['notes.txt', Buffer.from('These are my notes.\n')],
    ['labels.bin', Buffer.alloc(3073, 77)],
    ['train-images-idx3-ubyte', Buffer.from([0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 28])],
  ];
  for (const [name, bytes] of bad) {
    await drop(page, [[name, bytes]]);
    await page.waitForFunction((name) => window.normscope.state().notices.some((notice) => notice.input.includes(name)), name);
  }
  const after = await state(page);
  assert.equal(after.step, before.step);
  assert.deepEqual(after.config, before.config);
  const notices = after.notices.filter((notice) => notice.level === 'error');
  assert.equal(notices.length, bad.length);
  assert.ok(notices.every((notice) => notice.message.length > 20), JSON.stringify(notices));
  const on = await send(page, { type: 'step', steps: 5 });
  assert.equal(on.step, before.step + 5);
  clean(page);
});
