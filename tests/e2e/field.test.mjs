// What people really bring to the page: links from mail and chat, decimal commas, pages that the browser translates, things that
// are dragged over it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clean, drop, fitsWidth, open, random, ready, send, state } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

/** What a browser's translator does: every text node goes into a <font> of its own, unless it must not be translated. */
const translate = (page) =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      if (!text.data.trim() || text.parentElement.closest('[translate=no], script, style, textarea, select')) continue;
      const font = document.createElement('font');
      text.replaceWith(font);
      font.append(document.createTextNode(text.data));
    }
  });

test('a link that mail or chat has touched opens what was meant', async () => {
  for (const [query, silent] of [
    ['?preset=byol-tuned&amp;b.lr=0.05', true],
    ['?preset=byol-tuned&b.lr=0.05&utm_source=news&fbclid=x', true],
    ['?preset=byol-tuned&b.lr=0,05', true],
    ['?preset=byol-tuned&b.lr=0.05).', false],
  ]) {
    const page = await host.page(query);
    await page.waitForFunction(() => window.normscope);
    const { config, notices } = await state(page);
    assert.equal(config.preset, 'byol-tuned', query);
    assert.equal(config.b.lr, 0.05, query);
    assert.equal(notices.length, silent ? 0 : 1, JSON.stringify(notices));
    clean(page);
  }
});

test('a decimal comma is understood, and a refused number says what would be right until it is', async () => {
  const page = await host.page('?device=cpu');
  await page.waitForFunction(() => window.normscope);
  await page.fill('[id="a.lr"]', '0,05');
  await page.press('[id="a.lr"]', 'Enter');
  assert.equal((await state(page)).config.a.lr, 0.05);
  await page.fill('[id="a.lr"]', 'fast');
  await page.press('[id="a.lr"]', 'Enter');
  await page.waitForFunction(() => window.normscope.state().notices.some((notice) => notice.input.startsWith('a.lr')));
  await page.fill('[id="a.lr"]', '0.07');
  await page.press('[id="a.lr"]', 'Enter');
  await page.waitForFunction(() => window.normscope.state().notices.length === 0);
  await send(page, { type: 'set', room: 'diagnostics' });
  const temperature = page.locator('.source label:has-text("Temperature") input');
  await temperature.fill('0,2');
  await temperature.press('Enter');
  assert.equal(await temperature.inputValue(), '0.2');
  await temperature.fill('hot');
  await temperature.press('Enter');
  await page.locator('.problem:has-text("Temperature hot: must be a number from 0.01 to 10")').waitFor();
  clean(page);
});

test('numbers go on when the browser has translated the page', async () => {
  const page = await host.page('?device=cpu&a.batch=16&b.batch=16');
  await ready(page);
  await translate(page);
  await send(page, { type: 'step', steps: 20 });
  const { arms } = await state(page);
  const shown = await page.evaluate(() => ({
    step: document.querySelector('#step-count').innerText,
    knn: document.querySelector('.arm-a .readout dd').innerText,
    drawn: document.querySelector('.arm-a .drawn').innerText,
    hash: document.querySelector('.hash')?.innerText,
    timeline: document.querySelector('#scrub').value,
  }));
  assert.equal(shown.step, '20');
  assert.equal(shown.knn, (100 * arms.a.metrics.knn).toFixed(1));
  assert.match(shown.drawn, new RegExp(`${(100 * arms.a.metrics.drawn_share).toFixed(0)} %`));
  assert.ok(shown.hash.includes(arms.a.batch_hash.slice(0, 8)), shown.hash);
  assert.equal(shown.timeline, '20');
  clean(page);
});

test('only files open the drop overlay, and it goes away by itself', async () => {
  const page = await host.page('');
  await page.waitForFunction(() => window.normscope);
  /** Drags something over the page; whether the browser keeps its own way with it. */
  const drag = (files) =>
    page.evaluate((files) => {
      const data = new DataTransfer();
      if (files) data.items.add(new File(['x'], 'x.bin'));
      else data.setData('text/plain', 'a word');
      const event = new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer: data });
      document.body.dispatchEvent(event);
      return !event.defaultPrevented;
    }, files);
  assert.equal(await drag(false), true);
  await page.waitForTimeout(100);
  assert.equal(await page.locator('.drop').count(), 0);
  assert.equal(await drag(true), false);
  await page.locator('.drop').waitFor();
  await page.locator('.drop').waitFor({ state: 'detached', timeout: 3000 });
  clean(page);
});

const gaussian = (() => {
  const next = random(5);
  return () => Math.sqrt(-2 * Math.log(next() + 1e-9)) * Math.cos(2 * Math.PI * next());
})();
/** `rows` embeddings of dimension 8 as CSV text with names. */
const table = (rows) =>
  [Array.from({ length: 8 }, (_, i) => `z${i}`), ...Array.from({ length: rows }, () => Array.from({ length: 8 }, () => gaussian().toFixed(4)))]
    .map((row) => row.join(','))
    .join('\n');
/** An IDX file of 8x8 pictures without labels. */
const idx = (n) => {
  const next = random(n);
  return Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, n >> 8, n & 255, 0, 0, 0, 8, 0, 0, 0, 8]), Buffer.from(Array.from({ length: 64 * n }, () => 256 * next()))]);
};
/** An .npy file of float32. */
const npy = (rows, cols) => {
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`.padEnd(117) + '\n';
  const values = Buffer.from(Float32Array.from({ length: rows * cols }, () => gaussian()).buffer);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([1, 0, 118, 0]), Buffer.from(head), values]);
};
/** The check sum of zip archives. */
const crc32 = (bytes) => {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
};
/** A zip archive of stored files. */
function stored(files) {
  const parts = [];
  const list = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt32LE(crc32(bytes), 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt32LE(bytes.length, 22);
    head.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(at, 42);
    parts.push(head, Buffer.from(name), bytes);
    list.push(entry, Buffer.from(name));
    at += 30 + name.length + bytes.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}

const inRoom = (page, room) => page.waitForFunction((room) => window.normscope.state().config.room === room, room);

test('whatever is dropped wherever goes to the room that takes it', async () => {
  const page = await host.page('?device=cpu&a.batch=16&b.batch=16&a.width=16&b.width=16');
  await page.waitForFunction(() => window.normscope);
  // Embeddings in the playground.
  await drop(page, [['mine.csv', table(120)]]);
  await inRoom(page, 'diagnostics');
  await page.locator('h3:has-text("Diagnosis of mine.csv")').waitFor();
  assert.match(await page.locator('.about').innerText(), /120 rows, 8 coordinates/);
  // Pictures in the diagnostics.
  await drop(page, [['train-images-idx3-ubyte', idx(90)]]);
  await inRoom(page, 'playground');
  await page.waitForFunction(() => window.normscope.state().config.data === 'files');
  // Embeddings in the anomalies, from a folder; then the report stands for a file that nobody can read.
  await send(page, { type: 'set', room: 'anomalies' });
  await drop(page, [['run/z.npy', npy(80, 4)], ['run/.DS_Store', 'x']]);
  await inRoom(page, 'diagnostics');
  await page.locator('h3:has-text("Diagnosis of run/z.npy")').waitFor();
  await drop(page, [['paper.pdf', '%PDF-1.4']]);
  await page.locator('.problem:has-text("paper.pdf")').waitFor();
  await page.locator('h3:has-text("Earlier diagnosis of run/z.npy")').waitFor();
  // A recorded run in the diagnostics.
  const trace = Buffer.from(await (await fetch(`${host.address}traces/byol-collapse.trace`)).arrayBuffer());
  await drop(page, [['byol-collapse.trace', trace]]);
  await inRoom(page, 'playground');
  await page.waitForFunction(() => window.normscope.state().recorded);
  clean(page);
});

test('a folder of pictures is opened, its folders are the classes', async () => {
  const page = await host.page('?device=cpu&a.batch=16&b.batch=16&a.width=16&b.width=16');
  await page.waitForFunction(() => window.normscope);
  const files = await page.evaluate(async () => {
    const all = [];
    for (const [name, colour] of [['cats', '#c33'], ['dogs', '#33c'], ['owls', '#3c3']]) {
      for (let i = 0; i < 16; i += 1) {
        const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 32 });
        const pen = canvas.getContext('2d');
        pen.fillStyle = colour;
        pen.fillRect(i, 2 * i % 7, 20, 14 + i);
        const url = canvas.toDataURL('image/png');
        all.push([`pets/${name}/${i}.png`, url.split(',')[1]]);
      }
    }
    return all;
  });
  await drop(page, files.map(([path, base64]) => [path, Buffer.from(base64, 'base64')]));
  await page.waitForFunction(() => window.normscope.state().config.data === 'files', null, { timeout: 60_000 });
  const { data } = await state(page);
  assert.deepEqual(data.classes, ['cats', 'dogs', 'owls']);
  assert.equal(data.train + data.test, 48);
  assert.equal((await send(page, { type: 'step', steps: 2 })).step, 2);
  clean(page);
});

test('a file with several arrays asks which one is meant, and takes the answer', async () => {
  const page = await host.page('?room=diagnostics');
  await page.waitForFunction(() => window.normscope);
  await drop(page, [['two.npz', stored([['train.npy', npy(90, 6)], ['test.npy', npy(70, 6)]])]]);
  const choice = page.locator('#diagnose-array');
  await choice.waitFor();
  assert.match(await page.locator('.about').innerText(), /train \(90, 6\), test \(70, 6\)/);
  await choice.selectOption('test');
  await page.locator('h3:has-text("two.npz: test")').waitFor();
  assert.match(await page.locator('.about').innerText(), /70 rows, 6 coordinates/);
  assert.equal(await choice.inputValue(), 'test');
  // Another setting: what stands there is of the one before.
  await page.selectOption('#diagnose-loss', 'dcl');
  await page.locator('h3:has-text("Earlier diagnosis of")').waitFor();
  clean(page);
});

test('a dead engine comes back with the same files, whatever their size', async () => {
  const page = await host.page('?device=cpu&a.batch=16&b.batch=16&a.width=16&b.width=16');
  await page.waitForFunction(() => window.normscope);
  // 20 MB.
  const side = 256;
  const n = 300;
  const pixels = Buffer.alloc(n * side * side);
  const next = random(3);
  for (let i = 0; i < pixels.length; i += 97) pixels[i] = 256 * next();
  const head = Buffer.alloc(16);
  head.writeUInt32BE(0x803, 0);
  for (const [at, size] of [n, side, side].entries()) head.writeUInt32BE(size, 4 + 4 * at);
  await drop(page, [['big-images-idx3-ubyte', Buffer.concat([head, pixels])]]);
  await page.waitForFunction(() => window.normscope.state().config.data === 'files', null, { timeout: 60_000 });
  await send(page, { type: 'step', steps: 3 });
  const before = await state(page);
  await page.evaluate(() => document.querySelector('#kill-engine').click());
  await page.waitForFunction(() => window.normscope.state().notices.some((notice) => /engine/i.test(notice.input)), null, { timeout: 60_000 });
  await send(page, { type: 'step', steps: 1 });
  const after = await state(page);
  assert.equal(after.step, 4);
  assert.deepEqual([after.data.name, after.data.train], [before.data.name, before.data.train]);
  // The same four steps without a fault see the same batches and lose the same.
  await send(page, { type: 'reset' });
  await send(page, { type: 'step', steps: 4 });
  const again = await state(page);
  assert.equal(after.arms.a.batch_hash, again.arms.a.batch_hash);
  clean(page);
});

test('a very long name wraps, in the report and in the message', async () => {
  const page = await host.page('?room=diagnostics', { viewport: { width: 390, height: 844 } });
  await page.waitForFunction(() => window.normscope);
  const name = 'embedding'.repeat(26);
  await drop(page, [[`${name}.csv`, table(60)]]);
  await page.locator(`h3:has-text("${name}")`).waitFor();
  await fitsWidth(page);
  await drop(page, [[`${name}.pdf`, '%PDF-1.4']]);
  await page.locator('.problem').waitFor();
  await fitsWidth(page);
  await send(page, { type: 'set', room: 'playground' });
  await drop(page, [[`${name}.pdf`, '%PDF-1.4']]);
  await page.locator('.notice').waitFor();
  await fitsWidth(page);
  clean(page);
});
