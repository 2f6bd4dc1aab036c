// What people really bring to the page: links from mail and chat, decimal commas, pages that the browser translates, things that
// are dragged over it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clean, open, ready, send, state } from './browser.mjs';

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
    timeline: document.querySelector('.timeline output')?.innerText,
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
