// The page on somebody else's host: a sub-path, a plain server that knows no compression and sends no extra headers.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { clean, open, ready, send } from './browser.mjs';

/** What every server knows. It has no type for .wasm, .trace or .json. */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
let host;
let server;
let folder;
let address;
before(async () => {
  host = await open();
  folder = mkdtempSync(join(tmpdir(), 'normscope-host-'));
  // Without the compressed copies, as many a host would unpack it.
  cpSync(process.env.NORMSCOPE_DIST ?? 'dist', folder, { recursive: true, filter: (path) => !path.endsWith('.br') });
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const file = path.startsWith('/tools/norms/') ? join(folder, path.slice(13) || 'index.html') : '';
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)];
    response.writeHead(200, type ? { 'content-type': type } : {}).end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  address = `http://localhost:${server.address().port}/tools/norms/`;
});
after(async () => {
  await host?.close();
  server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test('a plain server in a sub-path is enough: the recording, training, every room, a diagnosis', async () => {
  const page = await host.page(`${address}?device=cpu&a.batch=16&b.batch=16`);
  await page.waitForFunction(() => window.normscope);
  const now = await ready(page);
  assert.equal(now.device, 'cpu');
  assert.equal((await send(page, { type: 'step', steps: 5 })).step, 5);
  for (const room of ['gradient', 'diagnostics', 'anomalies', 'experiments']) {
    await send(page, { type: 'set', room });
    await page.locator('.kept:not([hidden]) .room').waitFor();
  }
  await send(page, { type: 'set', room: 'diagnostics' });
  await page.click('#diagnose-a');
  await page.locator('h3:has-text("Diagnosis of")').waitFor({ timeout: 60_000 });
  const outside = page.requests.filter((url) => !url.startsWith(address) && !url.startsWith('blob:') && !url.startsWith('data:'));
  assert.deepEqual(outside, []);
  clean(page);
});

test('the recorded run opens there, and the examples load their figures', async () => {
  const page = await host.page(address);
  await page.waitForFunction(() => window.normscope?.state().recorded);
  clean(page);
  const examples = await host.page(`${address}examples.html`);
  await examples.locator('normscope-figure').first().waitFor();
  clean(examples);
});

test("the page's policy lets nothing in from elsewhere, and nothing inline", async () => {
  const page = await host.page(`${address}?device=cpu`);
  await page.waitForFunction(() => window.normscope);
  // The other server would answer: it lets anybody read.
  const outcome = await page.evaluate(async (foreign) => {
    const scripted = (parts) =>
      new Promise((done) => {
        const script = Object.assign(document.createElement('script'), { ...parts, onload: () => done('ran'), onerror: () => done('refused') });
        document.head.append(script);
        if (parts.textContent) done(window.inlineRan ? 'ran' : 'refused');
      });
    return {
      fetched: await fetch(`${foreign}icon.svg`).then(() => 'fetched', () => 'refused'),
      script: await scripted({ src: `${foreign}theme.js` }),
      inline: await scripted({ textContent: 'window.inlineRan = true' }),
      own: await fetch('icon.svg').then(() => 'fetched', () => 'refused'),
    };
  }, host.address);
  assert.deepEqual(outcome, { fetched: 'refused', script: 'refused', inline: 'refused', own: 'fetched' });
  await page.close();
});

test('no file of the page names a place of its own', () => {
  for (const name of readdirSync(folder).filter((name) => /\.(html|js|css)$/.test(name))) {
    const text = readFileSync(join(folder, name), 'utf8');
    assert.doesNotMatch(text, /(src|href)="\//, name);
    assert.doesNotMatch(text, /localhost/, name);
  }
});
