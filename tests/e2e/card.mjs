// Draws static/card.png, the picture that chats show beside a link: the headline and the two spheres of the norm trap, as the page
// exports them. Usage: NORMSCOPE_DIST=dist node tests/e2e/card.mjs
import { readFileSync } from 'node:fs';
import { open } from './browser.mjs';

const host = await open();
const page = await host.page('?preset=norm-trap&at=600&theme=light', { viewport: { width: 1440, height: 900 } });
await page.waitForFunction(() => window.normscope?.state().recorded);
await page.waitForTimeout(1500);
const headline = await page.locator('#lead h1').innerText();
await page.click('#open-export');
const [download] = await Promise.all([page.waitForEvent('download'), page.click('#sphere-svg')]);
const svg = readFileSync(await download.path(), 'utf8');
// The spheres alone: the words of the picture are too small here.
const [, width, height] = svg.match(/viewBox="0 0 ([\d.]+) ([\d.]+)"/).map(Number);
const spheres = svg.replace(/viewBox="[^"]*" width="\d+" height="\d+"/, `viewBox="0 78 ${width} ${height - 196}" width="1160"`);
const card = await host.page('about:blank', { viewport: { width: 1200, height: 630 } });
await card.setContent(`<style>
  body { margin: 0; width: 1200px; height: 630px; overflow: hidden; background: #fff; color: #16203a; font-family: system-ui, 'DejaVu Sans', sans-serif; }
  h1 { margin: 34px 44px 0; font-size: 62px; letter-spacing: -0.025em; line-height: 1.1; }
  p { margin: 8px 46px 0; font-size: 27px; color: #56617d; }
  svg { position: absolute; left: 20px; bottom: 14px; }
</style><h1>${headline}</h1><p>Normscope trains small models in your browser and shows what norms do.</p>${spheres}`);
await card.waitForTimeout(300);
await card.screenshot({ path: 'static/card.png' });
await host.close();
