// How the page fits: phone, desktop, both themes; nothing overflows, nothing fails the accessibility checker.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, clean, fitsWidth, open, ready } from './browser.mjs';

let host;
before(async () => {
  host = await open();
});
after(() => host.close());

const SCREENS = [
  { name: 'desktop', viewport: { width: 1440, height: 900 } },
  { name: 'phone', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
];

for (const { name, ...screen } of SCREENS) {
  for (const theme of ['light', 'dark']) {
    test(`${name}, ${theme}: fits its width, is accessible, and play works`, async () => {
      const page = await host.page(`?device=cpu&theme=${theme}`, screen);
      await ready(page);
      await fitsWidth(page);
      await (screen.hasTouch ? page.tap('#play') : page.click('#play'));
      await page.waitForFunction(() => window.normscope.state().step >= 3, null, { timeout: 30_000 });
      await accessible(page);
      clean(page);
    });
  }
}

test('an embedded figure is bare', async () => {
  const page = await host.page('?device=cpu&embed=1&hide=legend,hash');
  await ready(page);
  for (const gone of ['header.top', '.setup', '.settings', '.charts', '.legend', '.hash']) assert.equal(await page.locator(gone).count(), 0, gone);
  assert.equal(await page.locator('.pane').count(), 2);
  clean(page);
});

for (const { name, ...screen } of SCREENS) {
  for (const theme of ['light', 'dark']) {
    test(`${name}, ${theme}: every room fits its width and is accessible`, async () => {
      const page = await host.page(`?device=cpu&theme=${theme}&room=gradient`, screen);
      await page.waitForFunction(() => window.normscope);
      for (const room of ['gradient', 'diagnostics', 'anomalies', 'experiments', 'playground']) {
        await page.evaluate((room) => window.normscope.send({ type: 'set', room }), room);
        await page.locator(room === 'playground' ? '.stage' : `#rooms .room:visible`).first().waitFor();
        await page.waitForTimeout(200);
        await fitsWidth(page);
        await accessible(page);
      }
      clean(page);
    });
  }
}

test('with reduced motion the recorded run stands still at its end', async () => {
  const page = await host.page('', { reducedMotion: 'reduce' });
  await page.waitForFunction(() => window.normscope?.state().recorded);
  await page.waitForTimeout(800);
  const shot = () =>
    page.evaluate(() => document.querySelector('.arm-a canvas.flat').toDataURL());
  const first = await shot();
  await page.waitForTimeout(1200);
  assert.equal(await shot(), first);
  assert.equal(await page.evaluate(() => window.normscope.state().step), 600);
  clean(page);
});

test('with forced colours everything can still be told apart and used', async () => {
  const page = await host.page('?device=cpu', { forcedColors: 'active' });
  await page.waitForFunction(() => window.normscope?.state().recorded);
  const borders = await page.evaluate(() =>
    ['#play', '#reset', '#theme', '#open-lessons'].map((id) => {
      const style = getComputedStyle(document.querySelector(id));
      return style.borderStyle !== 'none' || style.color !== style.backgroundColor;
    }),
  );
  assert.deepEqual(borders, [true, true, true, true]);
  await accessible(page);
  clean(page);
});

test('a 4K projector and a page zoomed to twice its size both fit', async () => {
  for (const options of [{ viewport: { width: 3840, height: 2160 } }, { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 }]) {
    const page = await host.page('?device=cpu', options);
    await page.waitForFunction(() => window.normscope?.state().recorded);
    await fitsWidth(page);
    assert.ok(await page.locator('#play').isVisible());
    clean(page);
  }
});
