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
