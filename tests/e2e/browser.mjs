// What the browser tests share: a server for dist/, Chromium with or without WebGPU, and a page that fails the test on any
// console error, page error or shader validation message.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, beforeEach } from 'node:test';
import { join, resolve } from 'node:path';
import { serve } from '../../scripts/serve.mjs';

const require = createRequire(join(resolve(process.env.NODE_PATH ?? 'node_modules'), 'x.js'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const COMMON = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'];
/** WebGPU on SwiftShader, Chromium's software adapter. */
const WEBGPU = [
  '--enable-unsafe-webgpu',
  '--enable-unsafe-swiftshader',
  '--use-webgpu-adapter=swiftshader',
  '--ignore-gpu-blocklist',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
];

/** Messages that are the browser's own business. */
const HARMLESS = [/Failed to create WebGPU Context Provider/, /No available adapters/, /powerPreference/];

/** Contexts and browsers that the test under way has opened, in that order of closing: `undefined` outside of a test. */
let opened;
// An open page turns its spheres: tests that leave pages behind slow down all that come after them. (Programs use this module too.)
if (process.env.NODE_TEST_CONTEXT) {
  beforeEach(() => (opened = []));
  afterEach(async () => {
    const all = opened;
    opened = undefined;
    for (const one of all.reverse()) await one.close().catch(() => {});
  });
}

/** A server and a browser; `close()` ends both, and so does the end of the test in which they were opened, whatever happens in it. */
export async function open({ webgpu = false, args = [] } = {}) {
  const server = await serve(process.env.NORMSCOPE_DIST ?? 'dist', 0);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless=new', ...COMMON, ...(webgpu ? WEBGPU : []), ...args],
  });
  const address = `http://localhost:${server.address().port}/`;
  const host = {
    browser,
    address,
    /**
     * A page at `query`, or at another address, with `options` of Playwright's newContext; `page.problems` collects what must
     * not happen, `page.requests` the addresses that it and its frames and workers ask for. It is closed when its test ends.
     */
    async page(query = '', options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      opened?.push(context);
      const page = await context.newPage();
      page.problems = [];
      page.requests = [];
      context.on('request', (request) => page.requests.push(request.url()));
      const note = (text) => HARMLESS.some((pattern) => pattern.test(text)) || page.problems.push(text);
      page.on('console', (message) => {
        if (message.type() === 'error' || /validation|invalid shader|wgpu/i.test(message.text())) note(`${message.type()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => note(`page error: ${error.message}`));
      await page.goto(new URL(query, address).href);
      return page;
    },
    async close() {
      await browser.close();
      await new Promise((done) => server.close(done));
    },
  };
  opened?.push(host);
  return host;
}

/** Numbers from 0 to 1, the same in every run. */
export function random(seed) {
  let at = seed;
  return () => {
    at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
    return at / 2 ** 32;
  };
}

/** Lets the engine's workers of a page run `code` before everything else. */
export const inWorkers = (page, code) =>
  page.route('**/worker.js*', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code};\n${await response.text()}` });
  });

/** Clicks something that downloads; the file's path, in `folder`. */
export async function download(folder, page, selector, timeout) {
  const [file] = await Promise.all([page.waitForEvent('download', { timeout }), page.click(selector)]);
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

/** Waits until the engine is up; gives the state. */
export async function ready(page) {
  await page.waitForFunction(() => window.normscope, null, { timeout: 20_000 });
  return page.evaluate(() =>
    Promise.race([
      window.normscope.ready.then(() => window.normscope.state()),
      new Promise((_, fail) => setTimeout(() => fail(new Error(`not ready: ${JSON.stringify(window.normscope.state())}`)), 240_000)),
    ]),
  );
}

/** window.normscope.state() */
export const state = (page) => page.evaluate(() => window.normscope.state());

/** window.normscope.send(message) */
export const send = (page, message) => page.evaluate((message) => window.normscope.send(message), message);

/** window.normscope.series(arm, metric) */
export const series = (page, arm, metric) => page.evaluate(([arm, metric]) => [...window.normscope.series(arm, metric)], [arm, metric]);

/** Drops files on the page, `[path, contents]` each; paths with "/" lie in folders, which the browser hands over as entries. */
export const drop = (page, files) =>
  page.evaluate((files) => {
    const data = new DataTransfer();
    const all = files.map(([path, base64]) => [path, new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], path.split('/').at(-1))]);
    for (const [, file] of all) data.items.add(file);
    const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
    if (all.some(([path]) => path.includes('/'))) {
      const folder = (prefix) => {
        const names = [...new Set(all.filter(([path]) => path.startsWith(prefix)).map(([path]) => path.slice(prefix.length).split('/')[0]))];
        const children = names.map((name) => {
          const own = all.find(([path]) => path === prefix + name);
          if (own) return { isFile: true, name, fullPath: `/${own[0]}`, file: (done) => done(own[1]) };
          return { ...folder(`${prefix}${name}/`), name };
        });
        return {
          isDirectory: true,
          createReader: () => {
            let left = [...children];
            // A browser gives a part at a time, and nothing at the end.
            return { readEntries: (done) => { const some = left.slice(0, 2); left = left.slice(2); setTimeout(done, 0, some); } };
          },
        };
      };
      const roots = [...new Set(all.map(([path]) => path.split('/')[0]))].map((name) => ({ webkitGetAsEntry: () => ({ ...folder(`${name}/`), name }) }));
      Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], items: roots, files: [] } });
    }
    window.dispatchEvent(new DragEvent('dragover', { dataTransfer: data, bubbles: true, cancelable: true }));
    window.dispatchEvent(event);
  }, files.map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]));

/** Fails when anything was logged that must not be. */
export function clean(page) {
  assert.deepEqual(page.problems, []);
}

/** Fails when something sticks out to the side. */
export async function fitsWidth(page) {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize().width);
}

/** Fails when the accessibility checker finds something. */
export async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] }));
  const violations = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
  assert.deepEqual(violations, []);
}
