// How the page fits: phone, desktop, both themes; nothing overflows, nothing fails the accessibility checker.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { clean, open, ready } from './browser.mjs';

const require = createRequire(join(resolve(process.env.NODE_PATH ?? 'node_modules'), 'x.js'));
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

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
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, screen.viewport.width);
      await (screen.hasTouch ? page.tap('#play') : page.click('#play'));
      await page.waitForFunction(() => window.normscope.state().step >= 3, null, { timeout: 30_000 });
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] }));
      const violations = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
      assert.deepEqual(violations, []);
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
